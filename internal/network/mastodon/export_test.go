package mastodon

import (
	"net/http"
	"time"
)

// NewAt is New with a clock, for tests.
func NewAt(c *http.Client, userAgent string, now func() time.Time) *Connector {
	con := New(c, userAgent)
	con.now = now
	return con
}
