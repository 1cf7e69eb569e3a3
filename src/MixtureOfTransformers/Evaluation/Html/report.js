// What the pointer or the arrow keys read off a chart. Everything else on the page works without this script.
'use strict';
for (const panel of document.querySelectorAll('[data-tips]')) {
  const tips = JSON.parse(panel.dataset.tips);
  const box = panel.appendChild(document.createElement('div'));
  box.className = 'tip';
  box.hidden = true;

  for (const svg of panel.querySelectorAll('svg[data-area]')) {
    const cursor = document.createElementNS(svg.namespaceURI, 'path');
    cursor.setAttribute('class', 'cursor');
    const view = svg.viewBox.baseVal;
    const [left, top, right, bottom] = svg.dataset.area.split(' ').map(Number);
    const series = [...svg.querySelectorAll('.dots')].map((group, index) =>
      [...group.children].map((dot, i) => ({ dot, x: +dot.getAttribute('cx'), text: tips[index][i + +group.dataset.skip] })).filter(d => d.x >= left - 1));
    const stops = [...new Set(series.flat().map(d => d.x))].sort((a, b) => a - b);
    let at = null;

    const hide = () => {
      at = null;
      box.hidden = true;
      cursor.remove();
      for (const dot of svg.querySelectorAll('.at')) dot.classList.remove('at');
    };
    const show = x => {
      hide();
      at = x;
      const nearest = series.filter(s => s.length).map(s => s.reduce((a, b) => Math.abs(b.x - x) < Math.abs(a.x - x) ? b : a));
      if (!nearest.length) return;
      cursor.setAttribute('d', `M${x} ${top}V${bottom}`);
      svg.prepend(cursor);
      box.replaceChildren(...nearest.map(d => {
        d.dot.classList.add('at');
        const line = document.createElement('div');
        line.textContent = d.text;
        return line;
      }));
      box.hidden = false;
    };

    svg.addEventListener('pointermove', e => {
      const frame = svg.getBoundingClientRect();
      const x = (e.clientX - frame.left) / frame.width * view.width;
      if (x < left - 6 || x > right + 6) hide(); else show(Math.max(left, Math.min(right, x)));
    });
    svg.addEventListener('pointerleave', hide);
    svg.addEventListener('blur', hide);
    svg.addEventListener('keydown', e => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
      if (e.key === 'Escape') hide();
      if (!step || !stops.length) return;
      e.preventDefault();
      const next = at === null ? (step > 0 ? stops[0] : stops.at(-1)) : step > 0 ? stops.find(s => s > at + 0.01) : stops.findLast(s => s < at - 0.01);
      if (next !== undefined) show(next);
    });
  }
}
addEventListener('beforeprint', () => document.querySelectorAll('#details details').forEach(d => { d.open = true; }));
