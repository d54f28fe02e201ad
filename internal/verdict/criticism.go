package verdict

import (
	"context"
	"fmt"

	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// Criticisms tells of texts whether they are criticism, as counts now; what was not judged is left out. It is for other rooms, which look
// at all texts of a company and have checked who asks.
func (v *Verdicts) Criticisms(ctx context.Context, c team.CompanyID, ids []string) (map[string]triage.Decision, error) {
	out, err := v.criticisms(ctx, c, ids)
	if err != nil {
		return nil, fmt.Errorf("verdict.Criticisms: %w", err)
	}
	return out, nil
}
