package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/team"
)

type userCmd struct {
	Add   userAddCmd   `cmd:"" help:"user_add"`
	Reset userResetCmd `cmd:"" help:"user_reset"`
	List  userListCmd  `cmd:"" help:"user_list"`
}

// company is the one a command is about: the real one, else the sample.
func company(s *session, a *app.App) (team.Company, error) {
	cs, err := a.Team.Companies(s.ctx)
	if err != nil {
		return team.Company{}, err
	}
	for _, c := range cs {
		if !c.Sample {
			return c, nil
		}
	}
	if len(cs) > 0 {
		return cs[0], nil
	}
	return team.Company{}, fault.New(fault.NotFound, "cli.company.none")
}

// with opens the house for a command about its company.
func (s *session) with(c config.Config, f func(a *app.App, by team.Actor) error) error {
	a, err := s.open(c)
	if err != nil {
		return err
	}
	defer func() {
		if err := a.Stop(s.ctx); err != nil {
			s.fail(err)
		}
	}()
	co, err := company(s, a)
	if err != nil {
		return err
	}
	return f(a, team.Command(co.ID))
}

type userAddCmd struct {
	config.Config
	Email string `arg:"" help:"arg_email"`
	Name  string `name:"name" required:"" placeholder:"NAME" help:"user_name"`
	Role  string `name:"role" default:"community" placeholder:"ROLE" help:"user_role"`
}

func (c *userAddCmd) settings() *config.Config { return &c.Config }

func (c *userAddCmd) run(s *session) error {
	role, err := team.ParseRole(c.Role)
	if err != nil {
		return err
	}
	return s.with(c.Config, func(a *app.App, by team.Actor) error {
		m, token, err := a.Signin.Add(s.ctx, by, team.AddMemberIn{Email: c.Email, Name: c.Name, Role: role})
		if err != nil {
			return err
		}
		s.print("cli.user.added", "name", m.Name, "address", a.PasswordLink(token))
		return nil
	})
}

type userResetCmd struct {
	config.Config
	Email      string `arg:"" help:"arg_email"`
	DropFactor bool   `name:"drop-factor" help:"user_drop_factor"`
}

func (c *userResetCmd) settings() *config.Config { return &c.Config }

func (c *userResetCmd) run(s *session) error {
	return s.with(c.Config, func(a *app.App, by team.Actor) error {
		m, err := a.Team.MemberByEmail(s.ctx, c.Email)
		if err != nil {
			return err
		}
		token, err := a.Signin.Reset(s.ctx, team.Command(m.Company), signin.ResetIn{Member: m.ID, DropFactor: c.DropFactor})
		if err != nil {
			return err
		}
		s.print("cli.user.reset", "name", m.Name, "address", a.PasswordLink(token))
		return nil
	})
}

type userListCmd struct{ config.Config }

func (c *userListCmd) settings() *config.Config { return &c.Config }

func (c *userListCmd) run(s *session) error {
	return s.with(c.Config, func(a *app.App, by team.Actor) error {
		members, err := a.Team.Members(s.ctx, by, team.MemberFilter{State: team.MemberActive})
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.Out, 0, 4, 2, ' ', 0)
		for _, m := range members {
			fmt.Fprintf(w, "%s\t%s\t%s\n", m.Email, m.Name, m.Role)
		}
		return w.Flush()
	})
}

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"token_create"`
}

type tokenCreateCmd struct {
	config.Config
	Scopes []string `name:"scopes" required:"" placeholder:"SCOPE,..." help:"token_scopes"`
	Member string   `name:"member" placeholder:"EMAIL" help:"token_member"`
	Name   string   `name:"name" default:"ponte token create" placeholder:"NAME" help:"token_name"`
	Days   int      `name:"days" default:"365" placeholder:"DAYS" help:"token_days"`
}

func (c *tokenCreateCmd) settings() *config.Config { return &c.Config }

func (c *tokenCreateCmd) run(s *session) error {
	var scopes []team.Permission
	for _, name := range c.Scopes {
		p, err := team.ParsePermission(strings.TrimSpace(name))
		if err != nil {
			known := make([]string, len(team.Permissions))
			for i, p := range team.Permissions {
				known[i] = string(p)
			}
			return fault.New(fault.Invalid, "cli.token.scope").With("scope", name).With("known", strings.Join(known, ", "))
		}
		scopes = append(scopes, p)
	}
	return s.with(c.Config, func(a *app.App, by team.Actor) error {
		m, err := c.owner(s, a, by)
		if err != nil {
			return err
		}
		_, secret, err := a.Signin.CreateToken(s.ctx, team.Command(m.Company), signin.CreateTokenIn{
			Name: c.Name, Scopes: scopes, Member: m.ID, Expires: a.Clock.Now().Add(time.Duration(c.Days) * 24 * time.Hour),
		})
		if err != nil {
			return err
		}
		fmt.Fprintln(s.Out, secret)
		fmt.Fprintln(s.Err, s.words.T("cli.token.created", "name", m.Name))
		return nil
	})
}

// owner is the member that the token acts for: the one who is named, else the first owner.
func (c *tokenCreateCmd) owner(s *session, a *app.App, by team.Actor) (team.Member, error) {
	if c.Member != "" {
		return a.Team.MemberByEmail(s.ctx, c.Member)
	}
	members, err := a.Team.Members(s.ctx, by, team.MemberFilter{State: team.MemberActive})
	if err != nil {
		return team.Member{}, err
	}
	for _, m := range members {
		if m.Role == team.Owner {
			return m, nil
		}
	}
	return team.Member{}, fault.New(fault.NotFound, "cli.company.none")
}
