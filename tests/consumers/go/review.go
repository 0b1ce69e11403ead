// Asks who a token is as kube-apiserver does, by its own code: review KUBECONFIG TOKEN
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/util/webhook"
	review "k8s.io/apiserver/plugin/pkg/authenticator/token/webhook"
)

func main() {
	config, err := webhook.LoadKubeconfig(os.Args[1], nil)
	end(err)
	audience := authenticator.Audiences{"https://kubernetes.default.svc"}
	reviewer, err := review.New(config, "v1", audience, wait.Backoff{Steps: 1})
	end(err)
	asking := authenticator.WithAudiences(context.Background(), audience)
	response, authenticated, err := reviewer.AuthenticateToken(asking, os.Args[2])
	end(err)
	answer := map[string]any{"authenticated": authenticated}
	if authenticated {
		answer["username"] = response.User.GetName()
		answer["uid"] = response.User.GetUID()
		answer["groups"] = response.User.GetGroups()
	}
	end(json.NewEncoder(os.Stdout).Encode(answer))
}

func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
