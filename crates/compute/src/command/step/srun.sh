#!/bin/sh
# srun: asks the keeper of this job, outside of its cell, to start a command once for each task.
set -eu
steps='@STEPS@'
mine=$(mktemp -d "$steps/new.XXXXXXXXXX")
mkfifo "$mine/output" "$mine/exit"
printf '%s\0' "$@" >"$mine/arguments"
env -0 >"$mine/environment"
printf '%s' "$PWD" >"$mine/folder"
step=$steps/step.${mine##*.}
mv "$mine" "$step"
cat "$step/output" &
read -r code <"$step/exit"
wait
rm -rf "$step"
exit "$code"
