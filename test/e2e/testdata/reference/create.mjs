const r = await fetch("https://falara.io/v1/jobs", {
  method: "POST",
  headers: { "X-API-Key": "sk_live_...", "Content-Type": "application/json" },
  body: JSON.stringify({
    mode: "translation",
    source_lang: "de",
    target_lang: "en",
    text: "Willkommen bei Falara.",
  }),
});
console.log(await r.json());
