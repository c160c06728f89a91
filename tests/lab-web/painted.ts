import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';

/** Everything is within the window, so that nothing can be left out for being out of sight. */
const viewport = { width: 1280, height: 6000 };

/** Milliseconds from the start of the navigation until all charts of a timeline are painted, for a reader who was never here. */
export async function paintedAfter(browser: Browser, url: string, charts: number): Promise<number> {
  const page = await browser.newPage({ viewport });
  try {
    // The frame after the one in which all of it was there.
    await page.addInitScript(`window.painted = new Promise((resolve) => {
      addEventListener('load', () => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))));
    });`);
    await page.goto(url);
    const [painted, shown] = await page.evaluate<[number, number]>(`window.painted.then((at) => [at, [...document.querySelectorAll('svg.spark')].filter((chart) => {
      const { top, bottom, width } = chart.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight && width > 100 && chart.querySelector('path:not(.epoch)').getBoundingClientRect().width > 100;
    }).length])`);
    assert.equal(shown, charts, 'all of them are in sight');
    return painted;
  } finally {
    await page.close();
  }
}
