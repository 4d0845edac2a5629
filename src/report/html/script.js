(() => {
  'use strict';
  const table = document.getElementById('keys');
  if (!table) return;
  const page = 300;
  let keys = [...table.tBodies], limit = page;
  const field = id => document.getElementById(id);
  const words = new Map();
  const text = key => {
    if (!words.has(key)) words.set(key, key.textContent.toLowerCase());
    return words.get(key);
  };
  const show = (button, open) => {
    button.setAttribute('aria-expanded', String(open));
    field(button.getAttribute('aria-controls')).classList.toggle('unfolded', open);
  };
  table.querySelectorAll('.open').forEach(button => button.setAttribute('aria-expanded', 'false'));
  table.addEventListener('click', event => {
    const button = event.target.closest('.open');
    if (button) show(button, button.getAttribute('aria-expanded') !== 'true');
  });
  const choices = ['severity', 'state', 'provider'];
  const filter = () => {
    const wanted = field('words').value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = choices.map(id => [id, field(id).value]).filter(([, value]) => value);
    let fitting = 0;
    for (const key of keys) {
      const fits = chosen.every(([id, value]) => key.dataset[id] === value) && wanted.every(word => text(key).includes(word));
      key.classList.toggle('hidden', !fits);
      key.classList.toggle('later', fits && fitting >= limit);
      fitting += fits;
    }
    const shown = Math.min(fitting, limit);
    field('shown').textContent = shown + ' of ' + keys.length + ' shown' + (fitting > shown ? ', ' + fitting + ' fit' : '');
    table.closest('section').querySelector('.more').hidden = fitting <= shown;
  };
  field('words').addEventListener('input', filter);
  choices.forEach(id => field(id).addEventListener('change', filter));
  field('all').addEventListener('click', () => { limit = Infinity; filter(); });
  table.querySelectorAll('th button[data-sort]').forEach(button => button.addEventListener('click', () => {
    const head = button.closest('th'), name = button.dataset.sort;
    const up = head.getAttribute('aria-sort') === 'descending';
    table.querySelectorAll('th').forEach(other => other.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    const value = key => key.dataset[name];
    const number = keys.every(key => value(key) === '' || !isNaN(value(key)));
    keys.sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === '' || y === '') return (x === '') - (y === '');
      const difference = number ? x - y : x.localeCompare(y);
      return up ? difference : -difference;
    });
    table.append(...keys);
    filter();
  }));
  filter();
  document.documentElement.classList.add('ready');
})();
