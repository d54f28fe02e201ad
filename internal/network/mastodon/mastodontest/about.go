package mastodontest

import (
	"net/http"
	"strings"
)

// What the server says of itself.

func (s *Server) software() (name, version string) {
	if s.opts.GoToSocial {
		return "gotosocial", "0.20.0"
	}
	return "mastodon", "4.3.2"
}

// configuration is the same in both versions of the description. The lock is held.
func (s *Server) configuration() map[string]any {
	media := map[string]any{
		"supported_mime_types": []string{"image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "video/webm", "audio/mpeg", "audio/ogg"},
		"image_size_limit":     maxUpload, "image_matrix_limit": 33177600, "video_size_limit": 103809024, "video_frame_rate_limit": 120, "video_matrix_limit": 8294400,
	}
	statuses := map[string]any{"max_characters": s.opts.Characters, "max_media_attachments": s.maxMedia(), "characters_reserved_per_url": 23}
	if s.opts.GoToSocial {
		media["description_limit"] = 1500
		statuses["characters_reserved_per_url"] = 25
	}
	return map[string]any{
		"statuses": statuses, "media_attachments": media, "accounts": map[string]any{"max_featured_tags": 10},
		"polls": map[string]any{"max_options": 4, "max_characters_per_option": 50, "min_expiration": 300, "max_expiration": 2629746},
	}
}

// socket is the address of the stream, with the scheme that a server behind a proxy believes in.
func (s *Server) socket() string {
	_, host, _ := strings.Cut(s.url, "://")
	return "wss://" + host
}

func (s *Server) instanceV1(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, version := s.software()
	write(w, map[string]any{
		"uri": s.domain(), "title": "A test server", "short_description": "", "description": "", "email": "", "version": version,
		"urls": map[string]any{"streaming_api": s.socket()}, "languages": []string{"en"}, "registrations": false, "approval_required": false,
		"invites_enabled": false, "configuration": s.configuration(), "rules": []any{},
	})
}

func (s *Server) instanceV2(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, version := s.software()
	conf := s.configuration()
	conf["urls"] = map[string]any{"streaming": s.socket()}
	out := map[string]any{
		"domain": s.domain(), "title": "A test server", "version": version, "source_url": "", "description": "",
		"usage": map[string]any{"users": map[string]any{"active_month": 1}}, "languages": []string{"en"}, "configuration": conf,
		"registrations": map[string]any{"enabled": false, "approval_required": false, "message": nil}, "rules": []any{},
	}
	if s.opts.GoToSocial {
		out["account_domain"] = s.domain()
	} else {
		out["api_versions"] = map[string]any{"mastodon": 2}
	}
	write(w, out)
}

func (s *Server) nodeinfoLinks(w http.ResponseWriter, _ *http.Request) {
	write(w, map[string]any{"links": []any{map[string]any{"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": s.URL() + "/nodeinfo/2.0"}}})
}

func (s *Server) nodeinfo(w http.ResponseWriter, _ *http.Request) {
	name, version := s.software()
	write(w, map[string]any{
		"version": "2.0", "software": map[string]any{"name": name, "version": version}, "protocols": []string{"activitypub"},
		"services": map[string]any{"inbound": []any{}, "outbound": []any{}}, "usage": map[string]any{"users": map[string]any{}, "localPosts": 0},
		"openRegistrations": false, "metadata": map[string]any{},
	})
}

func (s *Server) webfinger(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, host, _ := strings.Cut(strings.TrimPrefix(r.URL.Query().Get("resource"), "acct:"), "@")
	_, own, _ := strings.Cut(s.url, "://")
	a := s.byName(name)
	if a == nil || host != s.domain() && host != own {
		s.notFound(w)
		return
	}
	w.Header().Set("Content-Type", "application/jrd+json; charset=utf-8")
	write(w, map[string]any{"subject": "acct:" + a.name + "@" + s.domain(), "links": []any{
		map[string]any{"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": s.url + "/@" + a.name},
		map[string]any{"rel": "self", "type": "application/activity+json", "href": s.url + "/users/" + a.name},
	}})
}

func (s *Server) oauthMetadata(w http.ResponseWriter, _ *http.Request) {
	u := s.URL()
	write(w, map[string]any{
		"issuer": u + "/", "authorization_endpoint": u + "/oauth/authorize", "token_endpoint": u + "/oauth/token",
		"app_registration_endpoint": u + "/api/v1/apps", "revocation_endpoint": u + "/oauth/revoke", "service_documentation": "https://docs.joinmastodon.org/",
		"scopes_supported":         []string{"read", "write", "write:statuses", "write:media", "profile", "follow", "push"},
		"response_types_supported": []string{"code"}, "response_modes_supported": []string{"query"}, "code_challenge_methods_supported": []string{"S256"},
		"grant_types_supported":                 []string{"authorization_code", "client_credentials"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
	})
}
