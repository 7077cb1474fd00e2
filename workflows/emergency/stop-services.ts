/** Stops services as asked: by the supervisor of the one-command stack, which then leaves them alone; else by asking them to leave, and telling who has to keep them away. */
import type { StoppableService } from '../../core/emergency/emergency-order.js';
import { askToLeave, stopSupervised, whoAnswers } from '../runbook/processes.js';

export async function stopServices(services: readonly StoppableService[], leaveByHand: (what: string) => void): Promise<string> {
  const words: string[] = [];
  for (const service of services) words.push(await stopOne(service, leaveByHand));
  leaveByHand('to stop everything: Ctrl-C where npm start runs, or docker compose down; the latch holds over any restart');
  return words.length === 0 ? 'not asked for: services go on, halted' : words.join('; ');
}

async function stopOne(service: StoppableService, leaveByHand: (what: string) => void): Promise<string> {
  if ((await stopSupervised(service)) !== null) return `${service} is stopped, and stays away until the stack is started again`;
  const address = { service, instance: '1' };
  const found = await whoAnswers(address);
  if (found === null) return `${service} does not answer`;
  await askToLeave(address, found);
  leaveByHand(`keep ${service} away with whatever supervises it (systemctl stop, docker compose stop): it would be started again`);
  return `${service} (process ${found.pid}) leaves`;
}
