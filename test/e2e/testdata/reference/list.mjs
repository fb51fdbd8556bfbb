// List recent jobs
const response = await fetch(
"https://app.falara.io/v1/jobs?limit=10",
{ headers: { "X-API-Key": FALARA_API_KEY } }
);
const jobs = await response.json();
// Filter by project and status
const filtered = await fetch(
"https://app.falara.io/v1/jobs?project_name=Website&status=completed",
{ headers: { "X-API-Key": FALARA_API_KEY } }
);
console.log(await filtered.json());
