// What a browser can do better than a form. Everything here is a convenience: no page needs it.
"use strict";

// The viewer's time zone, once, where nobody has chosen one.
if (!document.cookie.split("; ").some((pair) => pair.startsWith("mfa_ledger_zone="))) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) {
    document.cookie = `mfa_ledger_zone=${zone}; Path=/console; SameSite=Lax; Max-Age=31536000`;
  }
}

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

// A form that is on its way is not sent again; the key in it would stop it anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});

// Back from the browser's memory: what was on its way is not any more.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) delete form.dataset.sent;
});
