"""A start-up as tests need one: admitted through the one-stop service, with money, quota and a small corpus."""

import io
import random
import zipfile

from lib import call

FORM = {
    "organisation": "Tests and Sons", "organisation_type": "startup", "contact_name": "T. Ester",
    "contact_email": "t@example.org", "purpose": "large-model", "summary": "Makes sure that all of this holds.",
}
SMALL = {"cpus": 1, "memory_mib": 256, "wall_seconds": 60}


def said(reply, status=(200, 201)):
    assert reply.status in status, (reply.status, reply.body[:500])
    return reply.json()


def admit(server, slug):
    """Applies for residency, approves it as the operator, and claims the token."""
    opened = said(server.post("/api/v1/services/residency/cases", {"form": FORM | {"short_name": slug}}))
    case = opened["case"]["id"]
    ruling = {"step": "review", "verdict": "approve"}
    said(server.post(f"/api/v1/cases/{case}/decisions", ruling, server.token()))
    return said(server.post(f"/api/v1/cases/{case}/claim", {"code": opened["claim_code"]}))["secret"]


def upload(server, token, content):
    return call(f"{server.url}/api/v1/uploads", "PUT", token, content, {"content-type": "application/octet-stream"})


def bundle(documents=12, seed=1):
    """A zip of small texts that pass the corpus' filters and are no duplicates of each other."""
    words = ("server client ledger balance transfer voucher corpus document model training tokens scheduler queue "
             "machine memory network storage library function module package version licence author source").split()
    draw, packed = random.Random(seed), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(documents):
            sentences = (" ".join(draw.choices(words, k=12)).capitalize() + "." for _ in range(40))
            archive.writestr(f"note-{number}.md", f"# Note {number}\n\n" + "\n\n".join(sentences))
    return packed.getvalue()


def corpus_job(reference, repo, **changes):
    """A submission that builds a small dataset."""
    job = {"kind": "corpus.build", "name": f"build {repo}", "spec": {"upload": reference, "repo": repo, "title": "Small notes"},
           "inputs": [], "resources": SMALL}
    return job | changes
