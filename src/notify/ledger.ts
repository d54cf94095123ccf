import { z } from "zod";

/** One line about a notification. `sending` without a later line of its key: the process died, and nobody knows whether the message arrived. */
export const NotificationEntry = z.object({
  at: z.string(),
  key: z.string(),
  channel: z.string(),
  decision: z.string(),
  state: z.enum(["sending", "delivered", "failed"]),
  /** Of this run until then. */
  attempts: z.number().int(),
  problem: z.string().nullable(),
});
export type NotificationEntry = z.infer<typeof NotificationEntry>;

/** What is known of notifications, across processes and runs. */
export interface NotificationLedger {
  /** Whether the message with this key was delivered before, by whichever run or machine. */
  delivered(key: string): Promise<boolean>;
  /** On the disk when it returns. */
  record(entry: Omit<NotificationEntry, "at">): Promise<void>;
}
