"""Drives the stage CONTENT_FETCH of an external job: starts it, says how far it is, and ends it.

    LONGHAUL_KEY=lh_… python3 drive_stage.py <job id>
"""

import sys
import time

from longhaul_client import Refused, call

STAGE = {"jobId": sys.argv[1], "stage": "CONTENT_FETCH"}
PAGES = ["intro", "middle", "end"]


def start():
    while True:
        try:
            return call("startStage", {**STAGE, "total": len(PAGES)}, "__typename")
        except Refused as refusal:
            # PENDING: the job has not come to the stage yet. RUNNING: our own start, whose answer was lost.
            if refusal.state == "RUNNING":
                return None
            if refusal.state != "PENDING":
                raise
        time.sleep(0.2)


start()
try:
    for number, page in enumerate(PAGES, start=1):
        call("updateStageProgress", {**STAGE, "completed": number, "metadata": {"page": page}}, "__typename")
except OSError as error:
    # For now: the stage may be started again in a minute. Without retryAfterMs the job would be FAILED.
    call("failStage", {**STAGE, "error": str(error), "retryAfterMs": 60_000}, "__typename")
    raise
call("completeStage", {**STAGE, "metadata": {"source": "example"}}, "__typename")
