package lead

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// Filter narrows leads. Empty fields do not narrow.
type Filter struct {
	States   []State
	Quality  Quality
	Source   Source
	Form     FormID
	Channel  string // of the last touch
	Campaign string
	Member   team.MemberID
	Query    string // words of the name, or how the address begins
	From, To time.Time
	Cursor   string
	Limit    int // 1 to 200; 0 is 50
}

// Page is a part of the leads, newest first.
type Page struct {
	Leads []Lead
	Next  string // "" at the end
}

// Sum is how many leads are in a state, and what those with a value are worth together, each currency by itself.
type Sum struct {
	State    State
	Currency string
	N        int   // all
	Valued   int   // those that have a value
	Cents    int64 // of these
}

const mostListed = 200

// List lists leads. It needs LeadsRead.
func (x *Leads) List(ctx context.Context, a team.Actor, f Filter) (Page, error) {
	if err := a.May(team.LeadsRead); err != nil {
		return Page{}, err
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, mostListed)
	f.Query = text.Fold(line(f.Query))
	p, err := x.list(ctx, a.Company, f)
	return p, wrap("List", err)
}

// Sums sums leads by state and currency, however they stand in pages. It needs LeadsRead.
func (x *Leads) Sums(ctx context.Context, a team.Actor, f Filter) ([]Sum, error) {
	if err := a.May(team.LeadsRead); err != nil {
		return nil, err
	}
	f.Query = text.Fold(line(f.Query))
	out, err := x.sums(ctx, a.Company, f)
	return out, wrap("Sums", err)
}

// Origins lists the channels and campaigns that brought leads, for filters. It needs LeadsRead.
func (x *Leads) Origins(ctx context.Context, a team.Actor) (channels, campaigns []string, err error) {
	if err := a.May(team.LeadsRead); err != nil {
		return nil, nil, err
	}
	channels, campaigns, err = x.origins(ctx, a.Company)
	return channels, campaigns, wrap("Origins", err)
}

// Brought gives the leads that came in a time, with what brought them, for rooms that reckon with them and have checked who asks. Who they are is
// left out.
func (x *Leads) Brought(ctx context.Context, c team.CompanyID, from, to time.Time) ([]Lead, error) {
	var out []Lead
	f := Filter{From: from, To: to, Limit: mostListed}
	for {
		p, err := x.list(ctx, c, f)
		if err != nil {
			return nil, wrap("Brought", err)
		}
		for _, l := range p.Leads {
			l.Name, l.Email, l.Phone, l.Answers = "", "", "", nil
			out = append(out, l)
		}
		if f.Cursor = p.Next; f.Cursor == "" {
			return out, nil
		}
	}
}

// Reachable counts the addresses that people left, and those of them whose owner agreed to a text of a form. It is for rooms that reckon with them and
// have checked who asks.
func (x *Leads) Reachable(ctx context.Context, c team.CompanyID) (all, agreed int, err error) {
	all, agreed, err = x.reachable(ctx, c)
	return all, agreed, wrap("Reachable", err)
}
