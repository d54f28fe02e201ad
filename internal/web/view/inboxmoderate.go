package view

// Moderate is what can be decided about a comment. Its form posts to URL.
type Moderate struct {
	URL      string
	ID       string // of the interaction
	Standing string // "held", "approved" or "spam"
}
