import type { WorkflowClient } from '@temporalio/client';

/** Events in the history of every run under a workflow id, first run first: those that continue as new make several. */
export async function countEvents(workflow: WorkflowClient, workflowId: string, firstRunId: string): Promise<number[]> {
  const counts: number[] = [];
  for (let runId: string | null | undefined = firstRunId; runId;) {
    const { events } = await workflow.getHandle(workflowId, runId).fetchHistory();
    counts.push(events?.length ?? 0);
    runId = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return counts;
}
