/**
 * Makes an element. Text comes in as strings only and is never read as markup.
 * @param {string} tag
 * @param {Record<string, unknown>} properties attributes; `on...` are listeners, null and false are left out
 * @param {...(Node | string)} children
 */
export function element(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** Makes an element of a drawing. */
export function drawing(tag, properties = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children);
  return node;
}

/** Sets a text only when it is another one, so that screen readers and selections are left in peace. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function byId(id) {
  return document.getElementById(id);
}

/**
 * Brings a list of nodes in line with items, keeping the node of each key and with it the focus.
 * @param {(item: object) => string} keyOf
 * @param {(item: object) => Element} create
 * @param {(node: Element, item: object) => void} update
 */
export function keepList(parent, items, keyOf, create, update) {
  const known = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let node = known.get(key);
    if (node === undefined) {
      node = create(item);
      node.dataset.key = key;
    }
    known.delete(key);
    update(node, item);
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  for (const node of known.values()) node.remove();
}

/** Lets the keyboard scroll a part of the page. */
export function makeScrollable(node) {
  node.tabIndex = 0;
}

/**
 * Makes a table body that follows rows of cells; `marksNew` lights rows up as they come.
 * @param {{title: string, number?: boolean}[]} columns
 * @returns {(rows: {key: string, cells: (string | Node)[]}[], empty: string) => void}
 */
export function tableOf(table, caption, columns, marksNew = false) {
  makeScrollable(table.parentElement);
  const head = element(
    "tr",
    {},
    ...columns.map(({ title, number }) =>
      element("th", { scope: "col", class: number ? "number" : null }, title),
    ),
  );
  const body = element("tbody");
  const note = element("caption", { class: "empty" }, caption);
  table.replaceChildren(note, element("thead", {}, head), body);
  let first = true;
  return (rows, empty) => {
    setText(note, rows.length === 0 ? empty : "");
    note.hidden = rows.length > 0;
    keepList(
      body,
      rows,
      ({ key }) => key,
      () =>
        element(
          "tr",
          { class: first || !marksNew ? null : "new" },
          ...columns.map(({ number }) => element("td", { class: number ? "number" : null })),
        ),
      (node, { cells }) => {
        for (const [index, cell] of cells.entries()) {
          const place = node.children[index];
          if (typeof cell === "string") setText(place, cell);
          else if (place.firstChild === null || place.textContent !== cell.textContent)
            place.replaceChildren(cell);
        }
      },
    );
    first = false;
  };
}

/**
 * Brings a list in line with items; each item's nodes are made once by `content`.
 * @param {(item: object) => string} keyOf
 * @param {(item: object) => (Node | string)[]} content
 */
export function fillList(list, items, empty, keyOf, content) {
  makeScrollable(list);
  keepList(
    list,
    items.length === 0 ? [{ none: true }] : items,
    (item) => (item.none ? "none" : keyOf(item)),
    (item) => (item.none ? element("li", { class: "empty" }, empty) : element("li", {}, ...content(item))),
    () => {},
  );
}
