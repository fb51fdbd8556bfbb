import requests
# List recent jobs
response = requests.get(
"https://app.falara.io/v1/jobs",
headers={"X-API-Key": FALARA_API_KEY},
params={"limit": 10},
)
jobs = response.json()
# Paginate through all jobs
all_jobs = []
cursor = None
while True:
    params = {"limit": 100}
    if cursor:
        params["cursor"] = cursor
    response = requests.get(
        "https://app.falara.io/v1/jobs",
        headers={"X-API-Key": FALARA_API_KEY},
        params=params,
    )
    page = response.json()
    all_jobs.extend(page["data"])
    if not page["pagination"]["has_more"]:
        break
    cursor = page["pagination"]["cursor"]
