// What a browser can do better than a form. Everything here is a convenience: no page needs it.
"use strict";

// The viewer's time zone, once, where nobody has chosen one.
if (!document.cookie.split("; ").some((pair) => pair.startsWith("mfa_ledger_zone="))) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) {
    document.cookie = `mfa_ledger_zone=${zone}; Path=/console; SameSite=Lax; Max-Age=31536000`;
  }
}

// On a narrow screen the navigation is one row: where one is, is in sight.
document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// Buttons that only a script can serve stand in the page hidden.
for (const button of document.querySelectorAll("[data-copy], [data-print]")) {
  button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-print]");
  if (!button) return;
  if ("print" in button.dataset) {
    window.print();
    return;
  }
  const source = document.getElementById(button.dataset.copy);
  const text = source.value ?? source.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    source.focus();
    source.select?.();
    return;
  }
  const said = button.querySelector("[role=status]");
  if (said) said.textContent = button.dataset.copied;
});

// A confirmation is modal: what lies behind it waits, Escape and its Cancel lead back there.
const ask = (dialog) => {
  dialog.removeAttribute("open");
  dialog.showModal();
  dialog.addEventListener("close", () => {
    dialog.remove();
    document.querySelector("form[data-dialog] button[type=submit]")?.focus();
  });
  dialog.querySelector("[data-close]")?.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
};
document.querySelectorAll("dialog[open]").forEach(ask);

// Nothing is on its way any more.
const rest = (form) => {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
};

// A form that is confirmed in a dialog: the page that would come next has it. Anything else is shown as it comes.
const askFirst = async (form) => {
  const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const dialog = page.querySelector("dialog");
  if (response.redirected || !dialog) return form.submit();
  ask(form.parentElement.appendChild(document.adoptNode(dialog)));
  rest(form);
};

// A form that is on its way is not sent again; the key in it would stop it anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  // A search that renews its list says so by itself.
  if (!form.hasAttribute("hx-get")) form.setAttribute("aria-busy", "true");
  if (form.method !== "post") return;
  if (form.dataset.sent || "dialog" in form.dataset) event.preventDefault();
  if (form.dataset.sent) return;
  form.dataset.sent = "yes";
  if ("dialog" in form.dataset) askFirst(form).catch(() => form.submit());
});

// Back from the browser's memory: what was on its way is not any more.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) rest(form);
});

// What goes on is looked at again until it has ended.
const RENEW_MS = 1000;
const renewed = (id) => setTimeout(async () => {
  const response = await fetch(window.location.pathname).catch(() => null);
  if (!response?.ok || response.redirected) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById(id);
  const old = document.getElementById(id);
  // Whoever stands in it with the keyboard is not thrown out of it.
  if (fresh && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(fresh));
  if (document.getElementById(id).matches("[data-renew]")) renewed(id);
}, RENEW_MS);
document.querySelectorAll("[data-renew]").forEach((it) => renewed(it.id));

// The activity log as it grows: the API's stream tells that something is new, and the page itself is asked what.
for (const button of document.querySelectorAll("[data-live]")) {
  const said = document.getElementById("live-said");
  const actions = [...document.querySelectorAll("#actions option")].map((option) => option.value);
  let source = null;
  let due = 0;

  const renew = async () => {
    due = 0;
    const results = document.getElementById("results");
    // Whoever stands in the list with the keyboard is not thrown out of it.
    if (results.contains(document.activeElement)) return soon();
    const response = await fetch(window.location.href);
    if (!source || !response.ok || response.redirected) return stop();
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("results");
    if (fresh) results.replaceWith(document.adoptNode(fresh));
  };
  const soon = () => {
    due ||= setTimeout(() => renew().catch(stop), 500);
  };
  const stop = () => {
    source?.close();
    source = null;
    button.setAttribute("aria-pressed", "false");
    said.textContent = button.dataset.off;
  };

  button.hidden = false;
  button.addEventListener("click", () => {
    if (source) return stop();
    source = new EventSource(button.dataset.live);
    for (const action of actions) source.addEventListener(action, soon);
    // It comes again by itself unless it is told not to.
    source.addEventListener("error", () => source?.readyState === EventSource.CLOSED && stop());
    button.setAttribute("aria-pressed", "true");
    said.textContent = button.dataset.on;
  });
}
