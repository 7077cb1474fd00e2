/** Writes the record of an emergency that ended while the ledger was away, as soon as it is back. */
import { proxyActivities } from '@temporalio/workflow';
import type { EmergencyActivities } from '../../activities/emergency/emergency-activities.js';
import type { EmergencyRecord } from '../../activities/emergency/record-emergency.js';
import { untilDone } from '../until-done.js';

const { recordEmergency } = proxyActivities<EmergencyActivities>({ startToCloseTimeout: 15_000, retry: { initialInterval: 1_000, maximumInterval: 30_000 } });

export async function keepEmergencyRecord(record: EmergencyRecord): Promise<void> {
  await untilDone('record the emergency', () => recordEmergency(record));
}
