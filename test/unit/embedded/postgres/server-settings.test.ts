import { describe, expect, it } from 'vitest';
import { renderSettings, socketFits, type SettingsInput } from '../../../../embedded/postgres/server-settings.js';

const input: SettingsInput = { logs: '/data/logs', sockets: '/data/sockets', sharedBuffersMb: 256, durable: true, preloadStatistics: true };

describe('the settings of the embedded database', () => {
  it('listen on loopback only and write every commit to disk', () => {
    const settings = renderSettings(input).split('\n');
    expect(settings).toEqual(expect.arrayContaining([
      "listen_addresses = '127.0.0.1'", "fsync = 'on'", "synchronous_commit = 'on'", "full_page_writes = 'on'",
      "max_connections = '200'", "shared_buffers = '256MB'", "password_encryption = 'scram-sha-256'", "shared_preload_libraries = 'pg_stat_statements'",
    ]));
  });

  it('open no Unix socket when its path would be too long', () => {
    expect(renderSettings({ ...input, sockets: undefined })).toContain("unix_socket_directories = ''");
  });

  it('quote a folder whose name holds a quote', () => {
    expect(renderSettings({ ...input, logs: "/data/o'brien" })).toContain("log_directory = '/data/o''brien'");
  });
});

describe('a folder for the Unix socket', () => {
  // The longest socket name is "/.s.PGSQL.65535.lock", 20 bytes of the 107 that fit.
  it.each([[87, true], [88, false]])('of %i bytes: fits is %s', (length, fits) => {
    expect(socketFits(`/${'x'.repeat(length - 1)}`)).toBe(fits);
  });

  it('is measured in bytes, not in characters', () => {
    expect(socketFits(`/${'ü'.repeat(44)}`)).toBe(false);
  });
});
