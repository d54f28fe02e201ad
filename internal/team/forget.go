package team

import (
	"context"
	"fmt"

	"github.com/ponte-desk/ponte/internal/store"
)

// forgetPart is how many lines of the audit trail are looked at in one go.
const forgetPart = 20000

// ForgetDetails takes facts out of the audit trail that name somebody who is erased; that something was done, by whom and when
// stays. It looks at some lines behind cursor, "" for the first, and gives where to go on, "" at the end, and how many facts
// were taken out.
func (t *Team) ForgetDetails(ctx context.Context, tx *store.Tx, c CompanyID, cursor string, names func(string) bool) (next string, n int, err error) {
	rows, next, err := t.detailsBehind(ctx, tx, c, cursor, forgetPart)
	if err != nil {
		return "", 0, fmt.Errorf("team.ForgetDetails: %w", err)
	}
	for _, r := range rows {
		gone := 0
		for k, v := range r.Detail {
			if names(v) {
				delete(r.Detail, k)
				gone++
			}
		}
		if gone == 0 {
			continue
		}
		n += gone
		if err := t.setDetail(ctx, tx, r); err != nil {
			return "", n, fmt.Errorf("team.ForgetDetails: %w", err)
		}
	}
	return next, n, nil
}
