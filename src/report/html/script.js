(() => {
  'use strict';
  document.documentElement.classList.add('js');
  const table = document.getElementById('keys');
  if (!table) return;
  const keys = [...table.tBodies];
  const field = id => document.getElementById(id);
  const show = (button, open) => {
    button.setAttribute('aria-expanded', String(open));
    field(button.getAttribute('aria-controls')).classList.toggle('shut', !open);
  };
  table.querySelectorAll('.open').forEach(button => {
    show(button, false);
    button.addEventListener('click', () => show(button, button.getAttribute('aria-expanded') !== 'true'));
  });
  const filter = () => {
    const words = field('words').value.toLowerCase().split(/\s+/).filter(Boolean);
    const severity = field('severity').value, provider = field('provider').value;
    let shown = 0;
    for (const key of keys) {
      const text = key.textContent.toLowerCase();
      const fits = (!severity || key.dataset.severity === severity) && (!provider || key.dataset.provider === provider)
        && words.every(word => text.includes(word));
      key.classList.toggle('hidden', !fits);
      shown += fits;
    }
    field('shown').textContent = shown + ' of ' + keys.length + ' shown';
  };
  ['words', 'severity', 'provider'].forEach(id => field(id).addEventListener('input', filter));
  table.querySelectorAll('th button').forEach(button => button.addEventListener('click', () => {
    const head = button.closest('th'), name = button.dataset.sort;
    const up = head.getAttribute('aria-sort') === 'descending';
    table.querySelectorAll('th').forEach(other => other.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    const value = key => key.dataset[name];
    const number = keys.every(key => value(key) === '' || !isNaN(value(key)));
    const order = (a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === '' || y === '') return (x === '') - (y === '');
      const difference = number ? x - y : x.localeCompare(y);
      return up ? difference : -difference;
    };
    keys.sort(order).forEach(key => table.append(key));
  }));
  filter();
})();
