package network

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/team"
)

// credentialsForm is the form of Credentials inside the seal.
type credentialsForm struct {
	ServerURL    string            `json:"server_url"`
	AccessToken  string            `json:"access_token"`
	RefreshToken string            `json:"refresh_token,omitempty"`
	Expires      time.Time         `json:"expires,omitzero"`
	Scopes       []string          `json:"scopes"`
	Extra        map[string]string `json:"extra,omitempty"`
}

// appForm is the form of App inside the seal.
type appForm struct {
	Network      Name     `json:"network"`
	ServerURL    string   `json:"server_url"`
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret"`
	Scopes       []string `json:"scopes"`
}

// serverForm is the stored form of Server, which holds no secret.
type serverForm struct {
	Network  Name   `json:"network"`
	URL      string `json:"url"`
	Title    string `json:"title"`
	Software string `json:"software"`
	Version  string `json:"version"`
	Join     Join   `json:"join"`
	Handle   string `json:"handle"`
	Open     bool   `json:"open"`
}

func credentialsPlace(c team.CompanyID, id ChannelID) seal.Place {
	return seal.Place{Company: string(c), Row: string(id), Purpose: "channel.credentials"}
}

func appPlace(c team.CompanyID, id string) seal.Place {
	return seal.Place{Company: string(c), Row: id, Purpose: "network.app"}
}

func verifierPlace(c team.CompanyID, stateHash string) seal.Place {
	return seal.Place{Company: string(c), Row: stateHash, Purpose: "joining.verifier"}
}

func (n *Networks) sealJSON(p seal.Place, v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("network: seal %s: %w", p.Purpose, err)
	}
	defer clear(b)
	return n.seal.Seal(p, b)
}

func (n *Networks) unsealJSON(p seal.Place, envelope string, v any) error {
	b, err := n.seal.Unseal(p, envelope)
	if err != nil {
		return err
	}
	defer clear(b)
	if err := json.Unmarshal(b, v); err != nil {
		return seal.ErrDamaged.With("purpose", p.Purpose)
	}
	return nil
}

func (n *Networks) sealCredentials(c team.CompanyID, id ChannelID, cr Credentials) (string, error) {
	return n.sealJSON(credentialsPlace(c, id), credentialsForm(cr))
}

func (n *Networks) credentials(r *channelRow) (Credentials, error) {
	var f credentialsForm
	if err := n.unsealJSON(credentialsPlace(r.Company, r.ID), r.Credentials, &f); err != nil {
		return Credentials{}, err
	}
	return Credentials(f), nil
}

var errNoToken = fault.New(fault.Internal, "fault.internal")

// renewed puts fresh credentials over old ones: what the server does not say again stays (RFC 6749 section 6 lets it
// leave out the refresh token and the scopes). Credentials without an access token are refused.
func renewed(old, fresh Credentials) (Credentials, error) {
	if fresh.AccessToken == "" {
		return old, errNoToken.Because(fmt.Errorf("network: a connector wanted to save credentials without a token"))
	}
	if fresh.ServerURL == "" {
		fresh.ServerURL = old.ServerURL
	}
	if fresh.RefreshToken == "" {
		fresh.RefreshToken = old.RefreshToken
	}
	if fresh.Scopes == nil {
		fresh.Scopes = old.Scopes
	}
	extra := maps.Clone(old.Extra)
	if extra == nil {
		extra = map[string]string{}
	}
	maps.Copy(extra, fresh.Extra)
	if len(extra) > 0 {
		fresh.Extra = extra
	}
	fresh.Expires = clock.Trim(fresh.Expires)
	return fresh, nil
}
