/** "Where to watch" in the replies of everything that takes longer than a moment. */
import { z } from 'zod';
import type { WatchLinks } from './workflow-desk.js';

export const watchSchema = z.object({
  workflow_id: z.string(),
  api: z.string().meta({ description: 'path of this API that tells status and progress' }),
  temporal_ui: z.string().meta({ description: 'path of the Temporal Web UI that shows the workflow' }),
}).meta({ id: 'Watch' });

export type Watch = z.output<typeof watchSchema>;

export function watchOf({ workflowId, api, temporalUi }: WatchLinks): Watch {
  return { workflow_id: workflowId, api, temporal_ui: temporalUi };
}
