//! A private PostgreSQL for a test process: started on demand, ended with it.

use std::{
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

static SERVER: OnceLock<Option<Server>> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

struct Server {
    url: String,
    /// Holds the pipe whose end tells the server to stop.
    _guard: Option<Child>,
}

/// The URL of a fresh, empty database; `None`, with a visible line, when there is no PostgreSQL.
pub async fn fresh_database() -> Option<String> {
    let server = tokio::task::spawn_blocking(|| SERVER.get_or_init(start).as_ref()).await.ok().flatten()?;
    let name = format!("mosu_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::SeqCst));
    let made = Command::new(binary("psql").unwrap_or_else(|| "psql".into()))
        .args(["-q", "-X", &format!("{}/postgres", server.url), "-c", &format!("CREATE DATABASE {name}")])
        .stdin(Stdio::null())
        .status();
    assert!(made.is_ok_and(|status| status.success()), "psql makes a database");
    Some(format!("{}/{name}", server.url))
}

/// libtest captures what `println!` writes, so this line goes around it.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn start() -> Option<Server> {
    if let Ok(url) = std::env::var("MOSU_TEST_POSTGRES") {
        return Some(Server { url: url.trim_end_matches('/').to_owned(), _guard: None });
    }
    match start_private() {
        Ok(server) => Some(server),
        Err(why) => {
            let required = std::env::var("MOSU_TEST_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
            assert!(!required, "PostgreSQL is required but can't be started: {why}");
            say(&format!("SKIPPED on PostgreSQL: {why}"));
            None
        }
    }
}

fn start_private() -> Result<Server, String> {
    let (initdb, postgres) = (need("initdb")?, need("postgres")?);
    need("psql")?;
    let folder = std::env::temp_dir().join(format!("mosu-postgres-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let data = folder.join("data");
    as_other_user_if_root(&folder)?;
    let made = unprivileged(&initdb)
        .args(["--no-sync", "--auth=trust", "--username=mosu", "--encoding=UTF8", "--locale=C", "-D"])
        .arg(&data)
        .stdout(Stdio::null())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if !made.status.success() {
        return Err(format!("initdb failed: {}", String::from_utf8_lossy(&made.stderr)));
    }
    let port = free_port()?;
    let guard = run_until_our_end(&postgres, &data, &folder, port)?;
    wait_for(port)?;
    Ok(Server { url: format!("postgres://mosu@127.0.0.1:{port}"), _guard: Some(guard) })
}

/// Starts the server under a shell that reads our pipe: when this process ends, in whatever way, the pipe
/// closes and the shell stops the server and removes its folder.
fn run_until_our_end(postgres: &Path, data: &Path, folder: &Path, port: u16) -> Result<Child, String> {
    let script = r#""$1" -D "$2" -p "$4" -k "$3" -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=300 \
        >"$3/log" 2>&1 & server=$!; read -r _; kill -INT $server; wait $server; rm -rf "$3""#;
    let mut command = unprivileged(Path::new("/bin/sh"));
    command.args(["-c", script, "sh"]).arg(postgres).arg(data).arg(folder).arg(port.to_string());
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| e.to_string())
}

fn wait_for(port: u16) -> Result<(), String> {
    let deadline = Instant::now() + Duration::from_secs(30);
    let psql = need("psql")?;
    while Instant::now() < deadline {
        let url = format!("postgres://mosu@127.0.0.1:{port}/postgres");
        let ready = Command::new(&psql)
            .args(["-q", "-X", &url, "-c", "SELECT 1"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if ready.is_ok_and(|status| status.success()) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err("PostgreSQL did not answer within 30 seconds".into())
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    Ok(listener.local_addr().map_err(|error| error.to_string())?.port())
}

fn need(name: &str) -> Result<PathBuf, String> {
    binary(name).ok_or_else(|| format!("{name} is not on this machine"))
}

/// Debian keeps the server's binaries off the PATH.
fn binary(name: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin").join(name)).collect();
    debian.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian
        .into_iter()
        .rev()
        .chain(std::env::split_paths(&path).map(|dir| dir.join(name)))
        .find(|path| path.is_file())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0\n"))
}

/// PostgreSQL refuses to run as root.
fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "nobody", "--"]).arg(program);
    command
}

fn as_other_user_if_root(folder: &Path) -> Result<(), String> {
    if is_root() {
        let done = Command::new("chown").arg("nobody").arg(folder).status();
        if !done.is_ok_and(|status| status.success()) {
            return Err("chown nobody failed".into());
        }
    }
    Ok(())
}
