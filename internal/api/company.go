package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/team"
)

// Me is who a token speaks for.
type Me struct {
	Company string   `json:"company" example:"cmp_01kjpzx2p0000000000000000a" doc:"The company."`
	Member  string   `json:"member" example:"mbr_01kjpzx2p0000000000000000b" doc:"The member whose token it is."`
	Name    string   `json:"name" example:"Olga Conti" doc:"The member's name."`
	Role    string   `json:"role" enum:"owner,community,marketing,editor,contributor,guest" example:"community" doc:"The member's role today."`
	Token   string   `json:"token" example:"tok_01kjpzx2p0000000000000000c" doc:"The token's identifier, never its secret."`
	Scopes  []string `json:"scopes" nullable:"false" example:"[\"inbox.read\",\"inbox.reply\"]" doc:"What the token may do: its scopes that the role still has."`
	Expires string   `json:"expires" format:"date-time" example:"2027-03-02T09:00:00Z" doc:"When the token ends."`
}

func (a *API) meOperations() {
	add(a, operation{
		id: "get-me", method: http.MethodGet, path: "/me", tag: tagMe, summary: "Who am I",
		description: "Tells who the token speaks for and what it may do. A good first request.",
	}, func(_ context.Context, c *caller, _ *nothing) (*output[Me], error) {
		return answer(Me{
			Company: string(c.actor.Company), Member: string(c.actor.Member), Name: c.actor.Name, Role: string(c.actor.Role),
			Token: string(c.token.ID), Scopes: strs(c.actor.Scopes), Expires: c.token.ExpiresAt.UTC().Format(time.RFC3339),
		}), nil
	})
}

// Company is the workspace.
type Company struct {
	ID      string    `json:"id" example:"cmp_01kjpzx2p0000000000000000a" doc:"Identifier."`
	Name    string    `json:"name" example:"Ceramiche Arno" doc:"Name."`
	Zone    string    `json:"zone" example:"Europe/Rome" doc:"Time zone, an IANA name."`
	Locale  string    `json:"locale" enum:"it,en" example:"it" doc:"Language of the company."`
	Sample  bool      `json:"sample" doc:"Holds invented data only; nothing goes out."`
	Hours   Hours     `json:"hours" doc:"When someone is there."`
	Target  int       `json:"target_minutes" example:"1440" doc:"Minutes within which a conversation should be answered."`
	InHours bool      `json:"target_in_hours" doc:"The target counts opening hours only."`
	Approve string    `json:"approval" enum:"none,role,public,all" example:"role" doc:"Which replies a second person reads: none; role: of members whose role may not approve; public: public ones; all."`
	Second  bool      `json:"two_factor" doc:"Every member must have a second factor."`
	Created time.Time `json:"created_at" example:"2026-03-02T09:00:00Z" doc:"When it was founded."`
}

// Hours are the opening hours of each weekday; a closed day has none.
type Hours struct {
	Monday    []Span `json:"monday,omitempty" nullable:"false" maxItems:"6" doc:"Monday."`
	Tuesday   []Span `json:"tuesday,omitempty" nullable:"false" maxItems:"6" doc:"Tuesday."`
	Wednesday []Span `json:"wednesday,omitempty" nullable:"false" maxItems:"6" doc:"Wednesday."`
	Thursday  []Span `json:"thursday,omitempty" nullable:"false" maxItems:"6" doc:"Thursday."`
	Friday    []Span `json:"friday,omitempty" nullable:"false" maxItems:"6" doc:"Friday."`
	Saturday  []Span `json:"saturday,omitempty" nullable:"false" maxItems:"6" doc:"Saturday."`
	Sunday    []Span `json:"sunday,omitempty" nullable:"false" maxItems:"6" doc:"Sunday."`
}

// Span is a part of a day on the company's clock.
type Span struct {
	From string `json:"from" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" example:"09:00" doc:"From this minute on."`
	To   string `json:"to" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$" example:"18:00" doc:"Until before this minute."`
}

// days lists the fields in the order of team.Hours, Sunday first.
func (h *Hours) days() [7]*[]Span {
	return [7]*[]Span{&h.Sunday, &h.Monday, &h.Tuesday, &h.Wednesday, &h.Thursday, &h.Friday, &h.Saturday}
}

func hoursOf(h team.Hours) Hours {
	var out Hours
	clock := func(m int) string { return fmt.Sprintf("%02d:%02d", m/60, m%60) }
	for i, day := range out.days() {
		for _, s := range h[i] {
			*day = append(*day, Span{From: clock(s.From), To: clock(s.To)})
		}
	}
	return out
}

// hours turns hours whose form was checked into the team's.
func (h Hours) hours() team.Hours {
	var out team.Hours
	minutes := func(s string) int {
		if len(s) != 5 {
			return -1 // refused by the team
		}
		hour, err := strconv.Atoi(s[:2])
		minute, err2 := strconv.Atoi(s[3:])
		if err != nil || err2 != nil {
			return -1
		}
		return hour*60 + minute
	}
	for i, day := range h.days() {
		for _, s := range *day {
			out[i] = append(out[i], team.Span{From: minutes(s.From), To: minutes(s.To)})
		}
	}
	return out
}

func companyOf(c team.Company) Company {
	return Company{
		ID: string(c.ID), Name: c.Name, Zone: c.Zone, Locale: c.Locale, Sample: c.Sample, Hours: hoursOf(c.Settings.Hours),
		Target: int(c.Settings.Target), InHours: c.Settings.InHours, Approve: string(c.Settings.Approval), Second: c.Settings.TwoFactor,
		Created: c.CreatedAt.UTC(),
	}
}

// CompanyChange is what of a company is to be changed.
type CompanyChange struct {
	Name    *string `json:"name,omitempty" nullable:"false" example:"Ceramiche Arno" doc:"Name, 1 to 120 characters."`
	Zone    *string `json:"zone,omitempty" nullable:"false" example:"Europe/Rome" doc:"Time zone, an IANA name."`
	Locale  *string `json:"locale,omitempty" nullable:"false" enum:"it,en" example:"it" doc:"Language of the company."`
	Hours   *Hours  `json:"hours,omitempty" doc:"Opening hours; they replace those of the whole week."`
	Target  *int    `json:"target_minutes,omitempty" nullable:"false" example:"240" doc:"Minutes within which a conversation should be answered, 5 to 43200."`
	InHours *bool   `json:"target_in_hours,omitempty" nullable:"false" doc:"The target counts opening hours only."`
	Approve *string `json:"approval,omitempty" nullable:"false" enum:"none,role,public,all" example:"public" doc:"Which replies a second person reads."`
	Second  *bool   `json:"two_factor,omitempty" nullable:"false" doc:"Every member must have a second factor."`
}

// set takes over what is given.
func set[T any](to *T, given *T) {
	if given != nil {
		*to = *given
	}
}

func (a *API) companyOperations() {
	add(a, operation{
		id: "get-company", method: http.MethodGet, path: "/company", tag: tagCompany, needs: team.CompanyRead,
		summary: "Get the company", description: "The company of the token, with its settings.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[Company], error) {
		company, err := a.rooms.Team.Company(ctx, c.actor.Company)
		if err != nil {
			return nil, err
		}
		return answer(companyOf(company)), nil
	})
	add(a, operation{
		id: "change-company", method: http.MethodPatch, path: "/company", tag: tagCompany, needs: team.CompanyChange,
		summary: "Change the company", description: "Changes what is given and leaves the rest.",
	}, func(ctx context.Context, c *caller, in *struct{ Body CompanyChange }) (*output[Company], error) {
		now, err := a.rooms.Team.Company(ctx, c.actor.Company)
		if err != nil {
			return nil, err
		}
		out := team.ChangeCompanyIn{Name: now.Name, Zone: now.Zone, Locale: now.Locale, Settings: now.Settings}
		set(&out.Name, in.Body.Name)
		set(&out.Zone, in.Body.Zone)
		set(&out.Locale, in.Body.Locale)
		if in.Body.Hours != nil {
			out.Settings.Hours = in.Body.Hours.hours()
		}
		if in.Body.Target != nil {
			out.Settings.Target = team.Duration(*in.Body.Target)
		}
		set(&out.Settings.InHours, in.Body.InHours)
		if in.Body.Approve != nil {
			out.Settings.Approval = team.Approval(*in.Body.Approve)
		}
		set(&out.Settings.TwoFactor, in.Body.Second)
		changed, err := a.rooms.Team.ChangeCompany(ctx, c.actor, out)
		if err != nil {
			return nil, renamed(err, "target", "target_minutes")
		}
		return answer(companyOf(changed)), nil
	})
}

// Token is a key of this API, without its secret.
type Token struct {
	ID      string     `json:"id" example:"tok_01kjpzx2p0000000000000000c" doc:"Identifier."`
	Member  string     `json:"member" example:"mbr_01kjpzx2p0000000000000000b" doc:"The member it speaks for."`
	Name    string     `json:"name" example:"Monthly report" doc:"What it is for."`
	Scopes  []string   `json:"scopes" nullable:"false" example:"[\"inbox.read\"]" doc:"What it may do, as far as the member's role allows it."`
	Created time.Time  `json:"created_at" example:"2026-03-02T09:00:00Z" doc:"When it was made."`
	Expires time.Time  `json:"expires_at" example:"2027-03-02T09:00:00Z" doc:"When it ends."`
	Used    *time.Time `json:"used_at,omitempty" example:"2026-03-02T09:10:00Z" doc:"When it was last used, to ten minutes; absent: never."`
}

func (a *API) tokenOperations() {
	add(a, operation{
		id: "list-tokens", method: http.MethodGet, path: "/tokens", tag: tagTokens, needs: team.MembersManage,
		summary: "List tokens", description: "The tokens of every member that still work, newest first.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[list[Token]], error) {
		tokens, err := a.rooms.Signin.Tokens(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(list[Token]{Items: each(tokens, func(t signin.Token) Token {
			return Token{
				ID: string(t.ID), Member: string(t.Member), Name: t.Name, Scopes: strs(t.Scopes), Created: t.CreatedAt.UTC(),
				Expires: t.ExpiresAt.UTC(), Used: when(t.UsedAt),
			}
		})}), nil
	})
	add(a, operation{
		id: "revoke-token", method: http.MethodDelete, path: "/tokens/{token}", tag: tagTokens, needs: team.MembersManage,
		summary: "Revoke a token", description: "Ends a token at once, also the one that asks.",
	}, func(ctx context.Context, c *caller, in *struct {
		Token string `path:"token" example:"tok_01kjpzx2p0000000000000000c" doc:"The token's identifier."`
	},
	) (*nothing, error) {
		return nil, a.rooms.Signin.RevokeToken(ctx, c.actor, signin.TokenID(in.Token))
	})
}
