package mastodontest

import (
	"net/http"
	"slices"
)

// people answers with a list of accounts. Its pages go by ids of the list's own, which are not those of the accounts.
func (s *Server) people(w http.ResponseWriter, c call, what, of string, who []string) {
	slices.Sort(who)
	var all []position[*account]
	for _, id := range who {
		a := s.accounts[id]
		if a == nil {
			continue
		}
		key := what + ":" + of + ":" + id
		if s.places[key] == "" {
			s.places[key] = s.newID()
		}
		all = append(all, position[*account]{s.places[key], a})
	}
	out := []any{}
	for _, p := range paged(s, w, c.Request, 40, all) {
		out = append(out, s.accountJSON(p.v))
	}
	write(w, out)
}

func (s *Server) followersOf(w http.ResponseWriter, c call) {
	a := s.accounts[c.PathValue("id")]
	if a == nil {
		s.notFound(w)
		return
	}
	var who []string
	if !a.hidden {
		who = keys(a.followers)
	}
	s.people(w, c, "follow", a.id, who)
}

func (s *Server) followingOf(w http.ResponseWriter, c call) {
	a := s.accounts[c.PathValue("id")]
	if a == nil {
		s.notFound(w)
		return
	}
	var whom []string
	for _, x := range s.accounts {
		if x.followers[a.id] && !a.hidden {
			whom = append(whom, x.id)
		}
	}
	s.people(w, c, "following", a.id, whom)
}

func (s *Server) rebloggedBy(w http.ResponseWriter, c call) {
	if x := s.status(w, c, false); x != nil {
		s.people(w, c, "reblog", x.id, keys(x.shares))
	}
}

func (s *Server) favouritedBy(w http.ResponseWriter, c call) {
	if x := s.status(w, c, false); x != nil {
		s.people(w, c, "favourite", x.id, keys(x.likes))
	}
}

func keys(set map[string]bool) []string {
	var out []string
	for k, yes := range set {
		if yes {
			out = append(out, k)
		}
	}
	return out
}

// Hide has an account show nobody who follows it and whom it follows.
func (s *Server) Hide(username string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.byName(username); a != nil {
		a.hidden = true
	}
}

// AccountID is the id of an account on this server.
func (s *Server) AccountID(username string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.byName(username); a != nil {
		return a.id
	}
	return ""
}
