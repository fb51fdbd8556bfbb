# List recent jobs
curl -X GET "https://app.falara.io/v1/jobs?limit=10" \
-H "X-API-Key: $FALARA_API_KEY"
# Filter by project
curl -X GET "https://app.falara.io/v1/jobs?project_name=Website&status=completed" \
-H "X-API-Key: $FALARA_API_KEY"
# Paginate
curl -X GET "https://app.falara.io/v1/jobs?cursor=eyJ..." \
-H "X-API-Key: $FALARA_API_KEY"
