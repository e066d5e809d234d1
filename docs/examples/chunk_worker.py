"""Counts the words of texts: runs the chunks of the stage COUNT_WORDS of external jobs, as any number of such processes may.

    LONGHAUL_KEY=lh_… python3 chunk_worker.py            # works until it is stopped
    LONGHAUL_KEY=lh_… python3 chunk_worker.py <job id>   # until that job is over
"""

import os
import socket
import sys
import threading
import time

from longhaul_client import Refused, call, query

LEASE_SECONDS = 30
WORKER = f"{socket.gethostname()}/{os.getpid()}"


def count_words(item):
    """The result of one item. The same item may come twice, after a worker has died: repeating it must be harmless."""
    text = item["input"].get("text")
    if not isinstance(text, str):
        error = {"code": "MISSING_TEXT", "message": "The item has no text.", "field": "text"}
        return {"index": item["index"], "state": "FAILED", "error": error}
    if text == "":
        return {"index": item["index"], "state": "SKIPPED"}
    return {"index": item["index"], "state": "SUCCEEDED", "output": {"data": {"words": len(text.split())}}}


class Heartbeat(threading.Thread):
    """Keeps the lease of a chunk while it is worked on; `stop` is set once the work is wanted no more."""

    def __init__(self, held):
        super().__init__(daemon=True)
        self.held = held
        self.done = threading.Event()
        self.stop = threading.Event()

    def run(self):
        while not self.done.wait(LEASE_SECONDS / 3):
            try:
                beat = call("heartbeatChunk", {**self.held, "leaseSeconds": LEASE_SECONDS}, "isStopping")
            except Refused:
                self.stop.set()  # Somebody else has the chunk, or the job was canceled.
                return
            if beat["isStopping"]:
                self.stop.set()  # The job pauses: hand the chunk back.


def run_chunk(claim):
    held = {"chunkId": claim["chunk"]["id"], "attempt": claim["attempt"]}
    heartbeat = Heartbeat(held)
    heartbeat.start()
    try:
        results = []
        for item in claim["items"]:
            if heartbeat.stop.is_set():
                call("failChunk", {**held, "message": f"{WORKER} was asked to stop"}, "__typename")
                return
            results.append(count_words(item))
        call("completeChunk", {**held, "results": results}, "__typename")
    except Refused as refusal:
        if refusal.kind != "ConflictError":
            raise
        print(f"late: {refusal}", file=sys.stderr)  # Another attempt holds the chunk: its results count.
    except Exception as error:
        call("failChunk", {**held, "message": repr(error)}, "__typename")
        raise
    finally:
        heartbeat.done.set()


def is_over(job_id):
    job = query("query ($id: ID!) { job(id: $id) { state } }", {"id": job_id})["job"]
    return job["state"] in ("COMPLETED", "FAILED", "CANCELED")


def main():
    job_id = sys.argv[1] if len(sys.argv) > 1 else None
    wanted = {"workerId": WORKER, "jobId": job_id, "stages": ["COUNT_WORDS"], "leaseSeconds": LEASE_SECONDS}
    while True:
        claim = call("claimChunk", wanted, "claim { chunk { id } attempt items { index input } }")["claim"]
        if claim is not None:
            run_chunk(claim)
        elif job_id is not None and is_over(job_id):
            return
        else:
            time.sleep(0.2 if job_id else 2)


main()
