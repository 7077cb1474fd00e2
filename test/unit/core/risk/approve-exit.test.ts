import { describe, expect, it } from 'vitest';
import { approveExit, type ExitInput } from '../../../../core/risk/approve-exit.js';
import { d } from '../samples.js';

const wholeLong: ExitInput = {
  tradeId: 'BTCUSDT-abc-0001', symbol: 'BTCUSDT', leg: 'exit', epoch: 0, position: { side: 'Buy', size: d('0.033') }, instrument: { qtyStep: d('0.001') },
};

describe('an exit', () => {
  it('closes the whole position on the opposite side under an id of its own leg and epoch', () => {
    const verdict = approveExit(wholeLong);
    expect(verdict).toMatchObject({ kind: 'approved', order: { kind: 'exit', side: 'Sell', qty: '0.033', orderLinkId: 'BTCUSDT-abc-0001-x0' } });
    expect(approveExit({ ...wholeLong, leg: 'protect', epoch: 37 })).toMatchObject({ order: { orderLinkId: 'BTCUSDT-abc-0001-p11' } });
    expect(approveExit({ ...wholeLong, position: { side: 'Sell', size: d('1') } })).toMatchObject({ order: { side: 'Buy' } });
  });

  it('is never larger than the position, and rounds down to the lot step', () => {
    expect(approveExit({ ...wholeLong, qty: d('5') })).toMatchObject({ order: { qty: '0.033' } });
    expect(approveExit({ ...wholeLong, qty: d('0.0129') })).toMatchObject({ order: { qty: '0.012' } });
  });

  it('is refused only when there is nothing that could be reduced', () => {
    expect(approveExit({ ...wholeLong, position: { side: 'Buy', size: d('0') } })).toMatchObject({ kind: 'refused', code: 20003 });
    expect(approveExit({ ...wholeLong, qty: d('0.0009') })).toMatchObject({ kind: 'refused', message: expect.stringContaining('0.0009') });
  });
});
