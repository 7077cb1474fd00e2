/** What clients send on the sockets, parsed once. */
import { z } from 'zod';

const looseText = z.union([z.string(), z.number()]).nullish().transform((value) => (value === undefined || value === null ? '' : `${value}`));

const clientFrameSchema = z.object({
  op: z.string().max(50),
  req_id: looseText,
  reqId: looseText,
  args: z.array(z.unknown()).max(500).default([]),
  header: z.record(z.string(), z.unknown()).default({}),
});
export type ClientFrame = z.infer<typeof clientFrameSchema>;

/** undefined: not a frame of the protocol */
export function parseFrame(text: string): ClientFrame | undefined {
  try {
    const parsed = clientFrameSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
