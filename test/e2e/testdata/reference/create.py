import requests

r = requests.post(
    "https://falara.io/v1/jobs",
    headers={"X-API-Key": "sk_live_..."},
    json={
        "mode": "translation",
        "source_lang": "de",
        "target_lang": "en",
        "text": "Willkommen bei Falara.",
    },
)
print(r.json())  # {"job_id": "...", "status": "queued"}
