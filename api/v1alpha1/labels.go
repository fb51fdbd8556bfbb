package v1alpha1

// Label and annotation keys. Their values are part of the API: dashboards and
// scripts select on them.
const (
	// BatchLabel names the TranslationBatch that owns a job.
	BatchLabel = "translation.dragoman.dev/batch"
	// BatchItemAnnotation holds the zero-based index of the batch item a job was
	// made for.
	BatchItemAnnotation = "translation.dragoman.dev/batch-item"
	// ArchivedLabel is "true" on a job that the REST list hides by default. It has
	// no effect on the work itself.
	ArchivedLabel = "translation.dragoman.dev/archived"
	// RequestHashAnnotation holds the SHA-256 (hex) of the request body that
	// created an object over REST; a repeated Idempotency-Key is compared with it.
	RequestHashAnnotation = "translation.dragoman.dev/request-sha256"
	// APIKeyLabel is "true" on a Secret that holds an API key's hash.
	APIKeyLabel = "translation.dragoman.dev/api-key"
	// APIKeyHashLabel holds the first 32 hex digits of the SHA-256 of an API key;
	// the whole hash is in the Secret's data.
	APIKeyHashLabel = "translation.dragoman.dev/api-key-hash"
	// RetryAnnotation asks for another run of a job that ended as NeedsReview, Failed
	// or Dead, whenever its value changes; the current time is a good value, of at
	// most 64 characters. Segments that passed QA are kept.
	RetryAnnotation = "translation.dragoman.dev/retry"
	// MonthlyBudgetAnnotation on a Namespace is the most that all its jobs may cost
	// together in a calendar month (UTC), in euro, such as "50.00".
	MonthlyBudgetAnnotation = "translation.dragoman.dev/max-cost-per-month"
	// WeightAnnotation on a Namespace is its share of a provider against that of
	// other namespaces while they compete: a whole number from 1 to 100; 1 without it.
	WeightAnnotation = "translation.dragoman.dev/weight"
	// DeliveryLabel is "true" on a ConfigMap or Secret that jobs may write their
	// translation to. An object without it is never written to.
	DeliveryLabel = "translation.dragoman.dev/delivery"
	// PayloadLabel is "true" on a ConfigMap that holds a shard of a payload.
	PayloadLabel = "translation.dragoman.dev/payload"
)
