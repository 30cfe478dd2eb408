// What is nicer with a script: dropping a file, seeing how far it is, filters at once. Everything works without it.
(() => {
  "use strict";
  document.documentElement.classList.add("script");
  const size = (bytes) => bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB`
    : bytes >= 1e3 ? `${Math.round(bytes / 1e3)} kB` : `${bytes} B`;

  const form = document.querySelector("[data-upload]");
  if (form) upload(form);
  const moving = document.querySelector("[data-progress]");
  if (moving) follow(moving);
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });  // back: as it was left, and in vain
  for (const each of document.querySelectorAll("[data-filter] select"))
    each.addEventListener("change", () => each.form.requestSubmit());

  function upload(form) {
    const zone = form.querySelector("[data-zone]"), file = form.elements.file, feed = form.elements.feed;
    const choose = zone.querySelector(".choose"), or = zone.querySelector(".or"), note = document.getElementById("feed-note");
    let byHand = false;
    feed.addEventListener("change", () => { byHand = feed.value !== ""; note.classList.remove("known"); });
    file.addEventListener("change", chosen);
    for (const name of ["dragenter", "dragover"])
      zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
    for (const name of ["dragleave", "drop"])
      zone.addEventListener(name, () => zone.classList.remove("over"));
    for (const name of ["dragover", "drop"])  // a file that misses the zone must not replace the page
      window.addEventListener(name, (event) => event.preventDefault());
    zone.addEventListener("drop", (event) => {
      const { files, items } = event.dataTransfer;
      if (files.length === 0) return;
      if ([...items].some((each) => each.webkitGetAsEntry?.()?.isDirectory))
        return refused("A folder can't be sent: drop the files in it one after the other, or a ZIP of them.");
      if (files.length > 1)
        return refused(`${files.length} files were dropped, and none is chosen: drop one after the other, or a ZIP of them.`);
      file.files = files;
      chosen();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form, event.submitter, refused);
    });

    function refused(sentence) {
      file.value = "";
      chosen();
      say(form, sentence);
    }

    async function chosen() {
      const one = file.files[0];
      if (one?.size > form.dataset.bytes) return refused(`${one.name} is too large: a file may have at most ${form.dataset.most}.`);
      form.querySelector("[data-sending]").hidden = true;
      zone.classList.toggle("full", Boolean(one));
      choose.textContent = one ? one.name : "Choose a file";
      or.textContent = one ? ` ${size(one.size)}` : " or drop it here";
      if (!one || byHand) return;
      const answer = await fetch(`${form.dataset.recognise}?name=${encodeURIComponent(one.name)}`).catch(() => null);
      if (answer?.redirected) return location.reload();  // signed out: said before the file is sent
      if (!answer?.ok || file.files[0] !== one || byHand) return;
      const known = await answer.json();
      feed.value = known.feed;
      note.textContent = known.feed ? "Recognised by its name; choose another if it is not." : known.why;
      note.classList.toggle("known", Boolean(known.feed));
    }
  }

  function say(form, sentence) {
    const sending = form.querySelector("[data-sending]");
    sending.hidden = false;
    sending.querySelector("progress").value = 0;
    sending.querySelector(".words").textContent = sentence;
  }

  function send(form, button, refused) {
    const sending = form.querySelector("[data-sending]"), bar = sending.querySelector("progress");
    const words = sending.querySelector(".words"), data = new FormData(), one = form.elements.file.files[0];
    let whole = false;
    for (const [name, value] of new FormData(form)) if (name !== "file") data.append(name, value);
    if (button) data.append(button.name, button.value);
    data.append("file", one);  // last: what is said of it comes first
    const request = new XMLHttpRequest();
    const buttons = form.querySelectorAll("button");
    for (const each of buttons) each.disabled = true;
    sending.hidden = false;
    request.upload.addEventListener("progress", (event) => {
      bar.max = event.total;
      bar.value = event.loaded;
      whole = event.loaded === event.total;
      words.textContent = event.loaded < event.total ? `${size(event.loaded)} of ${size(event.total)} sent` : "sent; it is being looked at";
    });
    request.addEventListener("load", () => {
      if (request.status < 400) return location.assign(request.responseURL);
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const wrong = page.querySelector("[role=alert], .lead");
      failed(wrong ? wrong.textContent : "That did not work.");
    });
    request.addEventListener("error", async () => {
      const same = await one.slice(0, 1).arrayBuffer().then(() => true, () => false);
      if (!same) return failed("The file has changed since it was chosen, or can't be read: choose it again.", refused);
      failed(whole ? "The connection broke when all was sent: look under Jobs whether it is there, before you send it again."
        : "The connection broke: nothing is imported. Send it again.");
    });
    request.open("POST", form.getAttribute("action"));
    request.send(data);

    function failed(sentence, tell = (words) => say(form, words)) {
      for (const each of buttons) each.disabled = false;
      tell(sentence);
    }
  }

  function follow(moving) {
    const bar = moving.querySelector("progress"), words = moving.querySelector(".words");
    const again = async () => {
      try {
        const answer = await fetch(moving.dataset.progress);
        if (answer.redirected || answer.status === 404) return location.reload();
        const now = await answer.json();
        if (now.done) return location.reload();
        if (now.total) { bar.max = now.total; bar.value = now.processed; }
        if (words.textContent !== now.words) words.textContent = now.words;
      } catch { words.textContent = "the connection is gone; it is tried again"; }
      setTimeout(again, 1000);
    };
    setTimeout(again, 300);
  }
})();
