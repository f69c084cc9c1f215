import { existsSync } from 'node:fs';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Chromium's program; undefined where it is not installed, so that tests can be skipped by name. */
export const chromiumPath: string | undefined = process.env.LTML_CHROMIUM ?? places.find((place) => existsSync(place));

/** Switches under which it shows no window and asks the network for nothing of its own. */
export const quiet: readonly string[] = [
  ...['--headless', '--no-sandbox', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
