"""A start-up as tests need one: admitted through the one-stop service, with money, quota and a small corpus."""

import contextlib
import http.client
import io
import random
import zipfile

from lib import Reply

FORM = {
    "organisation": "Tests and Sons", "organisation_type": "startup", "contact_name": "T. Ester",
    "contact_email": "t@example.org", "purpose": "large-model", "summary": "Makes sure that all of this holds.",
}
SMALL = {"cpus": 1, "memory_mib": 256, "wall_seconds": 60}


def said(reply, status=(200, 201)):
    assert reply.status in status, (reply.status, reply.body[:500])
    return reply.json()


def fund(server, key):
    """Puts money into the pots that a newcomer's vouchers come from."""
    for programme in ("compute-voucher", "model-voucher"):
        path, body = f"/api/v1/programmes/{programme}/fund", {"amount_micros": 5_000_000_000}
        reply = server.post(path, body, server.token(), **{"idempotency-key": f"{key}-{programme}"})
        # The demo has put in all that is published.
        assert reply.status == 200 or reply.json()["code"] == "pot_too_large", reply.body


def admit(server, slug):
    """Applies for residency, approves it as the operator, and claims the token."""
    fund(server, slug)
    opened = said(server.post("/api/v1/services/residency/cases", {"form": FORM | {"short_name": slug}}))
    case = opened["case"]["id"]
    ruling = {"step": "review", "verdict": "approve"}
    said(server.post(f"/api/v1/cases/{case}/decisions", ruling, server.token()))
    return said(server.post(f"/api/v1/cases/{case}/claim", {"code": opened["claim_code"]}))["secret"]


def upload(server, token, content):
    """Sends bytes, and reads the answer even when the server refuses before it has read them all, as curl does."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/octet-stream"}
    with contextlib.closing(connection):
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request("PUT", "/api/v1/uploads", content, headers)
        reply = connection.getresponse()
        return Reply(reply.status, reply.headers, reply.read())


def bundle(documents=12, seed=1, repeat=1):
    """A zip of texts that pass the corpus' filters and are no duplicates of each other."""
    syllables = "ba co di fe gu ha li mo na pe qui ro su ta vi we xo ya ze".split()
    small = "the of and to that with is in a for on as by it from".split()
    draw, packed = random.Random(seed), io.BytesIO()

    def sentence():
        words = ["".join(draw.choices(syllables, k=3)) if draw.random() < 0.6 else draw.choice(small) for _ in range(14)]
        return "The " + " ".join(words) + "."

    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(documents):
            archive.writestr(f"note-{number}.md", f"# Note {number}\n\n" + "\n\n".join(sentence() for _ in range(40)) * repeat)
    return packed.getvalue()


def corpus_job(reference, repo, **changes):
    """A submission that builds a small dataset."""
    job = {"kind": "corpus.build", "name": f"build {repo}", "spec": {"upload": reference, "repo": repo, "title": "Small notes"},
           "inputs": [], "resources": SMALL}
    return job | changes
