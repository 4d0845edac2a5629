// Opens HTML reports in headless Chromium: no request, no script error, no overflow, filters and sorting work, and axe finds
// nothing wrong for people who cannot see, point or tell colours apart. KEYROT_SHOTS=FOLDER keeps pictures.
import chromium from '@sparticuz/chromium';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import puppeteer from 'puppeteer-core';

const judge = async (name, file, scheme, width) => {
  const page = await browser.newPage();
  // axe is put into the page, which its policy forbids to everyone else.
  await page.setBypassCSP(true);
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(`file://${file}`);
  await page.evaluate(() => document.querySelectorAll('.open').forEach(one => one.click()));
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  for (const one of violations) {
    check(false, `${name}: axe: ${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map(node => node.html + node.failureSummary).join(' | ')}`);
  }
  await page.close();
};
const print = async file => {
  const page = await browser.newPage();
  await page.goto(`file://${file}`);
  const pdf = await page.pdf({ format: 'A4', printBackground: true, path: shots && path.join(shots, `${path.basename(file)}.pdf`) });
  check(pdf.length > 1000, `${file}: print`);
  await page.emulateMediaType('print');
  const hidden = await page.evaluate(() => [...document.querySelectorAll('tbody:not(.hidden):not(.later) .detail')]
    .filter(one => getComputedStyle(one).display === 'none').length);
  check(hidden === 0, `${file}: ${hidden} details are not printed`);
  // Looked at in pages: a heading never ends one, and the keys begin on their own, since no engine keeps a table's head with its rows.
  const loose = await page.evaluate(() => [...document.querySelectorAll('h2, h3, section[aria-labelledby=keys-title]')]
    .filter(one => getComputedStyle(one)[one.matches('section') ? 'breakBefore' : 'breakAfter'] !== (one.matches('section') ? 'page' : 'avoid')).length);
  check(loose === 0, `${file}: ${loose} headings may stand alone at the foot of a page`);
  await page.close();
};
const browser = await puppeteer.launch({
  args: [...chromium.args, '--no-sandbox'], executablePath: await chromium.executablePath(), headless: 'shell',
});
let failed = false;
const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
const shots = process.env.KEYROT_SHOTS;
const check = (condition, what) => { if (!condition) { console.log('FAILED:', what); failed = true; } };
for (const file of process.argv.slice(2)) {
  for (const [scheme, width] of [['light', 1200], ['dark', 1200], ['light', 400]]) {
    const page = await browser.newPage();
    const name = `${file} (${scheme}, ${width})`;
    page.on('console', message => check(false, `${name}: ${message.text()}`));
    page.on('pageerror', error => check(false, `${name}: ${error}`));
    page.on('request', request => check(request.url().startsWith('file:'), `${name}: asks for ${request.url()}`));
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await page.goto(`file://${file}`);
    if (shots) await page.screenshot({ path: path.join(shots, `${path.basename(file)}-${scheme}-${width}.png`), fullPage: true });
    const facts = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth > innerWidth,
      headings: document.querySelectorAll('h1').length, keys: document.querySelectorAll('#keys > tbody').length,
    }));
    check(!facts.wide && facts.headings === 1, `${name}: ${JSON.stringify(facts)}`);
    if (facts.keys > 0) {
      await page.type('#words', 'nothing has these words');
      check(await page.$eval('#shown', one => one.textContent.startsWith('0 of ')), `${name}: search`);
      await page.$eval('#words', one => { one.value = ''; one.dispatchEvent(new Event('input')); });
      await page.click('th button');
      check(await page.$eval('th', one => one.getAttribute('aria-sort') === 'descending'), `${name}: sorting`);
      await page.focus('.open');
      await page.keyboard.press('Enter');
      check(await page.$eval('.open', one => one.getAttribute('aria-expanded') === 'true'), `${name}: details by keyboard`);
    }
    await page.close();
    await judge(name, file, scheme, width);
  }
  await print(file);
}
await browser.close();
console.log(`${process.argv.length - 2} HTML reports opened`);
process.exit(failed ? 1 : 0);
