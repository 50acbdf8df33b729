// <script data-reload-seconds="30">: on the 503 page, asks quietly whether the portal is open again and goes there.
// Not <meta http-equiv="refresh">, which would throw a reader back to the top each time.
(() => {
  const { reloadSeconds } = document.currentScript.dataset;
  setInterval(async () => {
    try {
      const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" });
      // replace, not reload: a reload would send a refused form again.
      if (answer.status !== 503) location.replace(location.href);
    } catch {
      // Still away; the next round asks again.
    }
  }, Number(reloadSeconds) * 1000);
})();
