import { describe, expect, it } from 'vitest';
import { isLoopbackAddress, withoutMapping } from '../../../../api/security/connection.js';
import { suffices, ROLES } from '../../../../api/security/roles.js';

describe('an address', () => {
  it.each(['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1'])('%s is this machine', (address) => {
    expect(isLoopbackAddress(address)).toBe(true);
  });

  it.each(['', 'localhost', '0.0.0.0', '::', '10.0.0.1', '128.0.0.1', '127.0.0.1.example.com', '1127.0.0.1', '::ffff:10.0.0.1', '::1%eth0', 'fe80::1', '::ffff:7f00:1'])('%j is not, or is no address', (address) => {
    expect(isLoopbackAddress(address)).toBe(false);
  });

  it('of IPv4 in IPv6 is written as people write it', () => {
    expect(['::ffff:10.1.2.3', '10.1.2.3', '2001:db8::1'].map(withoutMapping)).toEqual(['10.1.2.3', '10.1.2.3', '2001:db8::1']);
  });
});

describe('a role', () => {
  it('may do what it is for and what the ones before it may', () => {
    expect(ROLES.map((held) => ROLES.filter((needed) => suffices(held, needed)))).toEqual([['viewer'], ['viewer', 'operator'], ['viewer', 'operator', 'admin']]);
  });
});
