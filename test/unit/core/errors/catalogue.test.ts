/** The catalogue against the maintenance guide's own tables, written out here a second time. */
import { describe, expect, it } from 'vitest';
import { CATALOGUE, docsPathOf, ERROR_CODES, groupOf, isErrorCode } from '../../../../core/errors/catalogue.js';
import { EXPLANATIONS } from '../../../../core/errors/explanations.js';

const GUIDE = `
| 10001 | Configuration file not found | Critical | Check config file path |
| 10002 | Invalid configuration format | Critical | Validate JSON syntax |
| 10003 | Database connection failed | Critical | Check database status |
| 10004 | Redis connection failed | Warning | Check Redis server |
| 10005 | API key validation failed | Critical | Verify API credentials |
| 10006 | Insufficient system resources | Warning | Check memory/CPU usage |
| 10007 | Log file write permission denied | Warning | Check file permissions |
| 10008 | Strategy initialization failed | Warning | Check strategy configuration |
| 10009 | Emergency stop activated | Critical | Manual intervention required |
| 10010 | Daily loss limit exceeded | Warning | Review risk settings |
| 20001 | Insufficient balance | Warning | Check account balance |
| 20002 | Invalid symbol | Error | Verify symbol format |
| 20003 | Invalid order size | Error | Check minimum order size |
| 20004 | Market closed | Info | Wait for market open |
| 20005 | Position limit reached | Warning | Review position limits |
| 20006 | Stop loss execution failed | Error | Manual position management |
| 20007 | Order placement timeout | Warning | Check API connectivity |
| 20008 | Price outside valid range | Error | Check price parameters |
| 20009 | Risk management violation | Warning | Review risk rules |
| 20010 | Strategy signal conflict | Warning | Review strategy logic |
| 30001 | API rate limit exceeded | Warning | Reduce request frequency |
| 30002 | API authentication failed | Critical | Check API credentials |
| 30003 | API server unavailable | Error | Wait and retry |
| 30004 | Invalid API request format | Error | Check request parameters |
| 30005 | API response timeout | Warning | Check network connectivity |
| 30006 | API maintenance mode | Info | Wait for maintenance completion |
| 30007 | API version deprecated | Warning | Update API version |
| 30008 | Account suspended | Critical | Contact exchange support |
| 30009 | IP address blocked | Critical | Check IP whitelist |
| 30010 | API key permissions insufficient | Error | Update API permissions |
| 40001 | Missing price data | Warning | Refresh data feed |
| 40002 | Data timestamp inconsistency | Error | Check data integrity |
| 40003 | Corrupted data detected | Error | Re-download data |
| 40004 | Data source unavailable | Warning | Check data provider |
| 40005 | Historical data incomplete | Warning | Download missing data |
| 40006 | Real-time feed disconnected | Error | Reconnect data feed |
| 40007 | Data validation failed | Error | Check data quality |
| 40008 | Database write failed | Error | Check database status |
| 40009 | Data cache expired | Info | Refresh cache |
| 40010 | Data format conversion error | Error | Check data parser |
`;

describe('the catalogue', () => {
  it('is the table of the guide: code, description, severity, action', () => {
    const rows = ERROR_CODES.map((code) => {
      const { description, severity, action } = CATALOGUE[code];
      return `| ${code} | ${description} | ${severity.charAt(0).toUpperCase()}${severity.slice(1)} | ${action} |`;
    });
    expect(rows).toHaveLength(40);
    expect(rows.join('\n')).toBe(GUIDE.trim());
  });

  it('groups the codes as the guide does', () => {
    expect([10001, 10010, 20005, 30001, 40010].map((code) => groupOf(code as (typeof ERROR_CODES)[number]))).toEqual(['system', 'system', 'trading', 'api', 'data']);
  });

  it('tells its codes from other numbers', () => {
    expect([10001, '10001', 10011, null].map(isErrorCode)).toEqual([true, false, false, false]);
  });

  it.each(ERROR_CODES)('%i has a condition, next steps and a page', (code) => {
    expect(EXPLANATIONS[code].raisedWhen.length).toBeGreaterThan(30);
    expect(EXPLANATIONS[code].nextSteps.length).toBeGreaterThan(0);
    expect(docsPathOf(code)).toBe(`docs/errors/${code}.md`);
  });
});
