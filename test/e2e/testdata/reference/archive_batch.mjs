const response = await fetch("https://app.falara.io/v1/jobs/archive-batch", {
method: "POST",
headers: {
"X-API-Key": FALARA_API_KEY,
"Content-Type": "application/json",
},
body: JSON.stringify({
job_ids: [
"550e8400-e29b-41d4-a716-446655440001",
"550e8400-e29b-41d4-a716-446655440002",
],
}),
});
const data = await response.json();
console.log(`Archived ${data.archived_count} jobs`);
