/* What was typed survives a phone that lets go of the page to open its camera. It stays in this tab
   and is forgotten once it is saved. Without this script everything else works the same. */
(() => {
  const store = (act) => { try { return act(window.sessionStorage); } catch { return null; } };
  const key = (measure) => `assess-${measure}`;
  const saved = document.querySelector("[data-saved]");
  if (saved) store((kept) => kept.removeItem(key(saved.dataset.saved)));
  if (document.querySelector("[data-closed]")) store((kept) => kept.clear());
  const form = document.querySelector("form[data-measure]");
  if (!form) return;
  const name = key(form.dataset.measure);
  const typed = ["answer", "text", "given", "expires", "by", "role"];
  const last = "kept" in form.dataset ? null : store((kept) => JSON.parse(kept.getItem(name)));
  if (last) for (const field of typed) if (typeof last[field] === "string") form.elements[field].value = last[field];
  const keep = () => store((kept) => kept.setItem(name, JSON.stringify(
    Object.fromEntries(typed.map((field) => [field, form.elements[field].value])))));
  form.addEventListener("input", keep);
  form.addEventListener("submit", () => {
    const busy = form.querySelector(".busy");
    busy.textContent = busy.dataset.busy;
  });
  window.addEventListener("pageshow", () => { form.querySelector(".busy").textContent = ""; });
})();
