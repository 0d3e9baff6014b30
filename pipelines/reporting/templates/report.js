'use strict';
// Draws the charts, opens the queries behind numbers, and lists the articles of a place.
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId('data').textContent);
  const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';
  const config = {
    aria: false,
    background: null,
    font,
    view: { stroke: null },
    axis: {
      domain: false, ticks: false, gridColor: 'var(--line)', labelColor: 'var(--muted)', labelFontSize: 12,
      titleColor: 'var(--muted)', titleFontSize: 12, titleFontWeight: 'normal', labelPadding: 6,
    },
    axisY: { titleAngle: 0, titleAlign: 'left', titleAnchor: 'start', titleX: 0, titleY: -10 },
    axisXBand: { grid: false, labelPadding: 8 },
    axisYBand: { grid: false },
    legend: { labelColor: 'var(--ink)', labelFontSize: 12, symbolType: 'square', offset: 12 },
  };
  const make = (tag, text, attributes) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    Object.entries(attributes || {}).forEach(([name, value]) => made.setAttribute(name, value));
    return made;
  };
  const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, '\u202f');

  // --- numbers and their queries

  const filled = (query, literals) =>
    data.queries[query][0].replace(/\$(\d)/g, (_, place) => literals[Number(place) - 1]);
  const number = (value, query, literals) =>
    make('a', grouped(value), {
      class: 'n', href: `#q-${query}`, 'data-q': query, 'data-a': JSON.stringify(literals),
    });
  const meaning = (value, counts) => {
    if (counts === 'rows') return `${value}: the number of rows that this query returns.`;
    if (counts === 'value' || counts === 'changed_share' || counts === 'difference')
      return `${value}: the value that this query returns.`;
    return `${value}: the sum of the column ${counts} over the rows that this query returns.`;
  };
  window.datelineQuery = (link) => ({
    sql: filled(link.dataset.q, JSON.parse(link.dataset.a)),
    counts: data.queries[link.dataset.q][1],
  });
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a.n');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { sql, counts } = window.datelineQuery(link);
    byId('sql-says').textContent = meaning(link.textContent, counts);
    byId('sql-text').textContent = sql;
    byId('sql').showModal();
  });
  byId('sql').addEventListener('click', (event) => {
    if (event.target === byId('sql') || event.target.closest('a[href="#setup"]')) byId('sql').close();
  });
  document.querySelectorAll('[data-copy]').forEach((button) => {
    button.addEventListener('click', async () => {
      const from = byId(button.dataset.copy);
      const said = button.textContent;
      try {
        await navigator.clipboard.writeText(from.textContent);
        button.textContent = 'Copied';
      } catch {
        getSelection().selectAllChildren(from);
        button.textContent = 'Selected; press Ctrl-C';
      }
      setTimeout(() => { button.textContent = said; }, 2000);
    });
  });
  const openTarget = () => {
    const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    const closed = target && target.closest('details');
    if (closed) { closed.open = true; target.scrollIntoView(); }
  };
  addEventListener('hashchange', openTarget);
  openTarget();

  // --- charts

  const views = {};
  const draw = async (holder) => {
    const name = holder.dataset.chart;
    const spec = JSON.parse(JSON.stringify(data.charts[name]));
    if (spec.projection) spec.height = Math.max(170, Math.round(holder.clientWidth * 0.46));
    if (holder.clientWidth < 500) config.axisYBand.labelLimit = 110;
    const formatLocale = { decimal: '.', thousands: '\u202f', grouping: [3], currency: ['', ''] };
    const options = { ast: true, actions: false, renderer: 'svg', config, formatLocale };
    const label = holder.getAttribute('aria-label');
    views[name] = (await window.vegaEmbed(holder, spec, options)).view;
    // Vega makes a document of it; to who cannot see it, it is a picture with a description and a table.
    holder.removeAttribute('aria-roledescription');
    holder.setAttribute('role', 'img');
    holder.setAttribute('aria-label', label);
  };

  // --- places

  let chosen = -1;
  const choose = (place) => {
    const [name, count, literals, articles] = data.browsers.places.places[place];
    chosen = place;
    views['chart-places'].signal('chosen', place).runAsync();
    document.querySelectorAll('#place-list button').forEach((button) =>
      button.setAttribute('aria-pressed', String(Number(button.dataset.place) === place)));
    const heading = make('h3');
    heading.append(make('bdi', name), ' \u2013 ', number(count, 'articles_from_place', literals),
      count === 1 ? ' article' : ' articles');
    const list = make('ol', undefined, { class: 'articles' });
    articles.forEach(([day, outlet, title, url]) => {
      const item = make('li');
      const head = url ? make('a', undefined, { href: url, rel: 'noreferrer noopener' }) : make('span');
      head.append(make('bdi', title));
      item.append(head, make('span', `${outlet}, ${day}`, { class: 'by' }));
      list.append(item);
    });
    const rest = count - articles.length;
    const note = make('p', undefined, { class: 'note' });
    if (rest) note.append(`These are the newest ${articles.length}; `, number(count, 'articles_from_place', literals), ' are in the query.');
    byId('place-articles').replaceChildren(heading, list, note);
  };
  const listPlaces = () => {
    const wanted = byId('place-find').value.trim().toLowerCase();
    const places = data.browsers.places.places;
    const found = [...places.keys()].filter((place) => places[place][0].toLowerCase().includes(wanted));
    const items = found.slice(0, 100).map((place) => {
      const button = make('button', undefined, {
        type: 'button', 'data-place': place, 'aria-pressed': String(place === chosen),
      });
      button.append(make('bdi', places[place][0]), make('span', grouped(places[place][1])));
      const item = make('li');
      item.append(button);
      return item;
    });
    byId('place-list').replaceChildren(...items);
    byId('place-more').textContent = found.length > 100 ? `The first 100 of ${found.length}; find others by name.` : '';
  };
  const startPlaces = () => {
    listPlaces();
    byId('place-find').addEventListener('input', listPlaces);
    byId('place-list').addEventListener('click', (event) => {
      const button = event.target.closest('button');
      if (button) choose(Number(button.dataset.place));
    });
    views['chart-places'].addEventListener('click', (_, item) => {
      if (item && item.datum && item.datum.place !== undefined) choose(item.datum.id);
    });
    choose(0);
  };

  // --- mentions

  const showMentions = () => {
    const kind = document.querySelector('[name="mention-kind"]:checked').value;
    const outlet = byId('mention-outlet').value;
    const entries = data.browsers.mentions.kinds[kind][outlet] || [];
    const ofOutlet = byId('mention-outlet').selectedIndex > 0;
    const queries = ofOutlet ? ['articles_of_outlet_naming', 'mentions_in_outlet'] : ['articles_naming', 'mentions'];
    const lines = entries.map(([name, articles, mentions, literals]) => {
      const line = make('tr');
      const head = make('th', undefined, { scope: 'row' });
      head.append(make('bdi', name));
      line.append(head);
      [articles, mentions].forEach((value, place) => {
        const cell = make('td', undefined, { class: 'num' });
        cell.append(number(value, queries[place], literals));
        line.append(cell);
      });
      return line;
    });
    byId('mention-rows').replaceChildren(...lines);
    byId('chart-mentions').hidden = !lines.length;
    byId('mention-none').hidden = lines.length > 0;
    if (!lines.length) return undefined;
    const seen = {};
    const rows = entries.map(([name, count], place) => {
      seen[name] = (seen[name] || 0) + 1;
      return { name: seen[name] > 1 ? `${name} (${seen[name]})` : name, count, place };
    });
    return views['chart-mentions'].signal('height', 20 * rows.length).data('rows', rows).runAsync();
  };
  const startMentions = () => {
    document.querySelectorAll('[name="mention-kind"], #mention-outlet').forEach((control) =>
      control.addEventListener('change', showMentions));
    return showMentions();
  };

  const start = async () => {
    for (const holder of document.querySelectorAll('[data-chart]')) await draw(holder);
    if (data.browsers.places) startPlaces();
    if (data.browsers.mentions) await startMentions();
    document.documentElement.dataset.drawn = 'yes';
  };
  window.datelineViews = views;
  start();
})();
