# What the other scripts do not ask: principal axis, target rotation, factor scores, congruence, errors of
# polychorics, variance inflation, Mahalanobis distances, nested groups, second-order, bifactor and method models,
# equality constraints, partial invariance, equal unique variances
suppressMessages({library(psych);library(lavaan);library(GPArotation);library(nlme);library(semTools)})
source("r/json17.R")
mat<-function(m){ m<-as.matrix(unclass(m)); list(rows=rownames(m),cols=colnames(m),data=unname(m)) }
rec<-function(call,f=identity){ en<-new.env(parent=globalenv()); list(call=paste(deparse(call,width.cutoff=500),collapse=" "),value=tryCatch(f(suppressWarnings(suppressMessages(eval(call,envir=en)))),error=function(z) list(error=conditionMessage(z)))) }
x_fit<-function(fit){ pe<-parameterEstimates(fit); list(nobs=lavInspect(fit,"nobs"),parameter_estimates=pe,standardized_solution=standardizedSolution(fit),fit_measures=as.list(unclass(fitMeasures(fit))),r2=lavInspect(fit,"r2")) }
x_lrt<-function(a){ a<-as.data.frame(a); list(rows=rownames(a),cols=colnames(a),data=unname(as.matrix(a))) }
bfi<-read.csv("data/bfi.csv"); X<-bfi[,paste0(rep(c("A","C","E","N","O"),each=5),1:5)]; for(i in c("A1","C4","C5","E1","E2","O2","O5")) X[[i]]<-7-X[[i]]
B<-na.omit(X); R<-cor(B); N<-nrow(B)
L<-read.csv("data/lq2002.csv")
out<-list(meta=list(versions=c(list(R=R.version.string),sapply(c("psych","lavaan","GPArotation","nlme","semTools"),function(p) as.character(packageVersion(p)))),data="X: bfi keyed; B <- na.omit(X); R <- cor(B); N <- nrow(B); L: lq2002"))
out$principal_axis<-rec(quote(psych::fa(R,5,n.obs=N,fm="pa",rotate="oblimin",min.err=1e-12,max.iter=20000)),function(f) list(loadings=mat(f$loadings),Phi=mat(f$Phi),communality=as.list(f$communality)))
f<-psych::fa(R,5,n.obs=N,fm="minres",rotate="none"); T0<-matrix(0,25,5); for(k in 1:25) T0[k,(k-1)%/%5+1]<-1
A0<-{v<-svd(t(unclass(f$loadings))%*%T0); v$u%*%t(v$v)}   # the closest straight turn; from none at all R ends in another, worse minimum
out$target<-rec(quote(GPArotation::targetQ(unclass(f$loadings),Tmat=A0,Target=T0,eps=1e-9,maxit=5000)),function(g) list(loadings=mat(g$loadings),Phi=mat(g$Phi)))
W<-1-T0
out$target_partial<-rec(quote(GPArotation::pstQ(unclass(f$loadings),Tmat=A0,W=W,Target=T0*0,eps=1e-9,maxit=5000)),function(g) list(loadings=mat(g$loadings),Phi=mat(g$Phi)))
o<-psych::fa(R,5,n.obs=N,fm="minres",rotate="oblimin")
for(m in c("Thurstone","Bartlett","tenBerge")) out[[paste0("scores_",m)]]<-rec(bquote(psych::factor.scores(R,o$loadings,Phi=o$Phi,method=.(m))$weights),mat)
out$scores_loadings<-list(call='o <- psych::fa(R, 5, n.obs = N, fm = "minres", rotate = "oblimin")',value=list(loadings=mat(o$loadings),Phi=mat(o$Phi)))
out$congruence<-rec(quote(psych::factor.congruence(unclass(o$loadings),T0,digits=17)),mat)
out$parallel_factor_values<-rec(quote(psych::fa.parallel(R,n.obs=N,fm="minres",fa="both",n.iter=2,plot=FALSE)$fa.values))
out$parallel_smc_values<-rec(quote(psych::fa.parallel(R,n.obs=N,fm="minres",fa="both",SMC=TRUE,n.iter=2,plot=FALSE)$fa.values))
small<-B[,1:10]
out$polychoric_errors<-rec(quote(lavaan::lavCor(small,ordered=names(small),se="standard",output="est")),function(t) { t<-as.data.frame(t); t<-t[t$op%in%c("~~","|")&t$lhs!=t$rhs,]; list(lhs=t$lhs,op=t$op,rhs=t$rhs,est=t$est,se=t$se) })
out$vif<-rec(quote(sapply(1:5,function(j) 1/(1-summary(lm(B[,j]~as.matrix(B[,setdiff(1:5,j)])))$r.squared))))
out$mahalanobis<-rec(quote(stats::mahalanobis(scale(B),rep(0,25),R)[1:50]),unname)
L$lead<-rowMeans(L[,grep("^LEAD",names(L))]); L$bat<-(rank(tapply(L$lead,L$COMPID,mean))[as.character(L$COMPID)]+25*(L$COMPID%%2))%/%10
out$nested<-rec(quote(nlme::lme(lead~1,random=~1|bat/COMPID,data=L)),function(m){ v<-as.numeric(nlme::VarCorr(m)[,"Variance"]); list(variances=v[!is.na(v)],fixef=unname(nlme::fixef(m))) })
m5<-"A =~ A1+A2+A3+A4+A5\nC =~ C1+C2+C3+C4+C5\nE =~ E1+E2+E3+E4+E5\nN =~ N1+N2+N3+N4+N5\nO =~ O1+O2+O3+O4+O5"
second<-paste0(m5,"\nG =~ A+C+E+N+O")
bif<-"G =~ N1+N2+N3+N4+N5+E1+E2+E3+E4+E5\nN =~ N1+N2+N3+N4+N5\nE =~ E1+E2+E3+E4+E5\nG~~0*N\nG~~0*E\nN~~0*E"
meth<-"E =~ E1+E2+E3+E4+E5\nN =~ N1+N2+N3+N4+N5\nM =~ E1+E2+N4\nM~~0*E\nM~~0*N\nN1~~N2"
same<-"A =~ A1+l*A2+l*A3+0.9*A4+A5\nA1~~e*A1\nA4~~e*A4"
models<-list(second_order=second,bifactor=bif,method=meth,equal=same); out$models<-models
for(m in names(models)) for(e in c("ML","MLR","WLSMV")) { if(m=="equal"&&e=="WLSMV") next
  mm<-models[[m]]; r<-tryCatch(rec(if(e=="WLSMV") bquote(lavaan::cfa(.(mm),B,std.lv=TRUE,ordered=TRUE,estimator="WLSMV")) else bquote(lavaan::cfa(.(mm),B,std.lv=TRUE,estimator=.(e))),x_fit),error=function(z) list(error=conditionMessage(z)))
  out[[paste(m,e,sep="_")]]<-r; cat(m,e,is.null(r$error),r$error,"\n") }
D<-na.omit(cbind(X,gender=bfi$gender))
out$partial<-rec(bquote(lavaan::cfa(.(m5),D,group="gender",std.lv=TRUE,group.equal=c("loadings","intercepts"),group.partial=c("N4~1","C =~ C2"))),x_fit)
m2<-"E =~ E1+E2+E3+E4+E5\nN =~ N1+N2+N3+N4+N5"; out$small_model<-m2
steps<-list(c("thresholds","loadings","intercepts"),c("thresholds","loadings","intercepts","residuals")); FO<-list()
for(s in steps){ key<-paste0("ordinal_",tail(s,1)); cl<-bquote(semTools::measEq.syntax(configural.model=.(m2),data=D,ordered=TRUE,parameterization="theta",estimator="WLSMV",ID.fac="std.lv",ID.cat="Wu.Estabrook.2016",group="gender",group.equal=.(s),return.fit=TRUE))
 FO[[key]]<-suppressWarnings(eval(cl)); out[[key]]<-list(call=paste(deparse(cl,500),collapse=" "),value=x_fit(FO[[key]])) }
out$ordinal_lrt<-rec(quote(lavaan::lavTestLRT(FO[[1]],FO[[2]])),x_lrt)
writeLines(tojson17(out),"open/more.json",useBytes=TRUE); cat("done\n")
