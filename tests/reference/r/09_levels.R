# Omega within and between groups: mean squares by level, and one factor by unweighted least squares (stats::optim)
source("r/json17.R")
L<-read.csv("data/lq2002.csv"); out<-list(meta=list(versions=list(R=R.version.string),data="x: complete cases of items of lq2002, g: their company"))
omega_of<-function(S) { p<-ncol(S); off<-upper.tri(S); f<-function(l) sum((S-tcrossprod(l))[off]^2); l<-sqrt(diag(S))*.6
 for(k in 1:20) l<-optim(l,f,function(l) { r<-S-tcrossprod(l); diag(r)<-0; as.numeric(-2*r%*%l) },method="BFGS",control=list(reltol=1e-16,maxit=5000))$par
 1-sum(diag(S)-l^2)/sum(S) }
sets<-list(lead=paste0("LEAD",c("01","02","03","04","05")),lead_late=paste0("LEAD",c("06","07","09","10","11")),task=paste0("TSIG0",1:3),hostility=paste0("HOSTIL0",1:5))
for(name in names(sets)) { d<-na.omit(L[,c("COMPID",sets[[name]])]); x<-as.matrix(d[,-1]); g<-d$COMPID
 n<-nrow(x); k<-length(unique(g)); s<-table(g); m<-apply(x,2,ave,g); W<-crossprod(x-m)/(n-k); B<-crossprod(sweep(m,2,colMeans(x)))/(k-1); c<-(n-sum(s^2)/n)/(k-1)
 out[[name]]<-list(call="W <- crossprod(x - group means)/(n - k); S <- (B - W)/c; l <- optim(l, function(l) sum((S - tcrossprod(l))[upper.tri(S)]^2)); 1 - sum(diag(S) - l^2)/sum(S)",value=list(items=I(sets[[name]]),within=omega_of(W),between=omega_of((B-W)/c))) }
writeLines(tojson17(out),"open/levels.json",useBytes=TRUE)
