// Opens HTML reports in headless Chromium: no request, no script error, no overflow, filters and sorting work, and every
// control has a name.
import chromium from '@sparticuz/chromium';
import puppeteer from 'puppeteer-core';

const browser = await puppeteer.launch({
  args: [...chromium.args, '--no-sandbox'], executablePath: await chromium.executablePath(), headless: 'shell',
});
let failed = false;
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
    const facts = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth > innerWidth,
      unnamed: [...document.querySelectorAll('button,input,select')]
        .filter(one => !one.textContent.trim() && !one.labels?.length).length,
      headings: document.querySelectorAll('h1').length, keys: document.querySelectorAll('#keys > tbody').length,
    }));
    check(!facts.wide && facts.unnamed === 0 && facts.headings === 1, `${name}: ${JSON.stringify(facts)}`);
    if (facts.keys > 0) {
      await page.type('#words', 'nothing has these words');
      check(await page.$eval('#shown', one => one.textContent.startsWith('0 of ')), `${name}: search`);
      await page.$eval('#words', one => { one.value = ''; one.dispatchEvent(new Event('input')); });
      await page.click('th button');
      check(await page.$eval('th', one => one.getAttribute('aria-sort') === 'descending'), `${name}: sorting`);
      await page.click('.open');
      check(await page.$eval('.open', one => one.getAttribute('aria-expanded') === 'true'), `${name}: details`);
    }
    await page.close();
  }
}
await browser.close();
console.log(`${process.argv.length - 2} HTML reports opened`);
process.exit(failed ? 1 : 0);
