/**
 * The network in which files are applied, and a tenant of it.
 */

const datapaths = 'datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }';
const links = 'links: [s1:3 - s3:1, s2:3 - s3:2]';

export const blue = `
  blue:
    vswitches: { v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:7003] } }
    hosts: { h1: { port: v1:1, at: s1:2 }, h2: { port: v1:2, at: s2:2 } }`;

export const textOf = (...tenants: readonly string[]): string =>
  [datapaths, links, 'tenants:', ...tenants].join('\n');
